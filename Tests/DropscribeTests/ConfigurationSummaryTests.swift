import Testing

@testable import Dropscribe

@Suite struct ConfigurationSummaryTests {
  @Test func whatIsConfiguredIsSaidInSentences() throws {
    let configuration = try ConfigurationFixture.read(
      """
      [endpoint.azure]
      preset = "azure-ai"
      url = "https://r.services.ai.azure.com/models?token=sesame"
      model = "Phi-4-multimodal-instruct"
      key = { env = "K" }
      prices = { input = 0.5, audio_input = 4, output = 2 }
      [task.spanish]
      instruction = "Translate\\nthis."
      suffix = ".es"
      [clip]
      channels = "split"
      encoding = "mp3"
      [folder.inbox]
      path = "/srv/recordings"
      exclude = ["*-draft.*"]
      """
    )
    #expect(
      configuration.explanation() == """
        Endpoint "azure" (azure-ai) is \
        https://r.services.ai.azure.com/models/chat/completions?token=…&api-version=2024-05-01-preview with the model \
        Phi-4-multimodal-instruct, 4 requests at a time, the key from the environment variable K as api-key and \
        Bearer; a million tokens cost 0.5 (text), 4 (audio), 2 (reply) USD.
        Task "spanish" asks endpoint "azure": "Translate\\nthis.", in clips of up to 40 s (what is known of models \
        called phi-4-multimodal), without silences over 2 s, each channel by itself, as MP3; it writes NAME.es.txt.
        Folder "inbox": recordings in /srv/recordings and below get spanish, except "*-draft.*"; of those that were \
        there before, up to 20 are taken; more wait for `dropscribe release`.
        State: /home/ada/.local/state/dropscribe; control socket /home/ada/.local/state/dropscribe/control.sock.

        """
    )
  }

  @Test func terminalEscapesAreShownAndNotObeyed() throws {
    let configuration = try ConfigurationFixture.read(
      ConfigurationFixture.endpoint + ConfigurationFixture.folder
        + "[task.transcript]\ninstruction = \"a\\u001B[2Jb\\u202E\"\n"
    )
    let explanation = configuration.explanation()
    #expect(explanation.contains("a\\u001B[2Jb\\u202E"))
    #expect(!explanation.unicodeScalars.contains("\u{1B}"))
  }
}
