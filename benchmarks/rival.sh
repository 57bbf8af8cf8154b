#!/usr/bin/env bash
# The script that people write instead: inotifywait, base64, curl. It keeps no journal, checks nothing, cuts nothing.
#   rival.sh FOLDER URL as-is       sends the file as it is
#   rival.sh FOLDER URL converted   sends it as 16 kHz mono WAV, made by ffmpeg
set -euo pipefail
folder=$1 url=$2 mode=$3

audio() {
  if [[ $mode == as-is ]]; then
    cat -- "$1"
  else
    ffmpeg -nostdin -v error -i "$1" -ac 1 -ar 16000 -f wav -
  fi
}

inotifywait --quiet --monitor --event moved_to --format '%f' "$folder" | while IFS= read -r name; do
  {
    printf '%s' '{"messages":[{"role":"user","content":[{"type":"text","text":"Transcribe the audio clip into text."},'
    printf '%s' '{"type":"input_audio","input_audio":{"format":"wav","data":"'
    audio "$folder/$name" | base64 --wrap=0
    printf '%s' '"}}]}]}'
  } | curl --silent --header 'Content-Type: application/json' --header 'Expect:' --data-binary @- \
    --output "$folder/$name.json" "$url/chat/completions"
done
