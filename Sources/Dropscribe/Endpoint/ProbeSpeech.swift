internal import FoundationEssentials
internal import Messages

/// A little more than a second of speech, to ask an endpoint whether it works: "Hello, how are you?".
///
/// Made by flite 2.2 with its free voice `slt` (CMU Arctic; the speech it makes is nobody's work and free to use):
///
///     flite -voice slt -t "Hello, how are you?" -o a.wav
///     sox a.wav -t ul -r 8000 -c 1 a.ul silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse norm -3
///     base64 -w 104 a.ul
enum ProbeSpeech {
  /// As it goes out: 16 kHz mono 16-bit WAV, with the silence before and after that short speech needs to be
  /// understood.
  static let wav: [UInt8] = {
    let lead = [Int16](repeating: 0, count: 16_000 * 3 / 10)
    let trail = [Int16](repeating: 0, count: 16_000 / 2)
    return file(lead + samples() + trail)
  }()

  /// What is asked about it: the endpoint's own model and parameters, and a plain instruction.
  static func question(for endpoint: EndpointConfiguration) -> Question {
    let task = TaskConfiguration(
      name: "probe",
      endpoint: endpoint.name,
      instruction: "Transcribe the audio clip into text.",
      suffix: "",
      clip: ClipSettings()
    )
    return Question(task: task, endpoint: endpoint)
  }

  /// At 16 kHz: each stored sample, and the mean of it and its neighbour.
  private static func samples() -> [Int16] {
    let stored: [Int16] = (Data(base64Encoded: muLaw) ?? Data()).map(linear)
    var samples: [Int16] = []
    for (index, sample) in stored.enumerated() {
      let next = index + 1 < stored.count ? stored[index + 1] : 0
      samples += [sample, Int16((Int(sample) + Int(next)) / 2)]
    }
    return samples
  }

  /// One sample of ITU-T G.711's µ-law.
  private static func linear(_ code: UInt8) -> Int16 {
    let bits = ~code
    let magnitude = (Int16(bits & 0x0F) << 3 + 0x84) << Int16(bits >> 4 & 7) - 0x84
    return bits & 0x80 == 0 ? magnitude : -magnitude
  }

  private static func file(_ samples: [Int16]) -> [UInt8] {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let size = UInt32(samples.count * 2)
    var file = Array("RIFF".utf8) + bytes(size + 36) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
    // PCM, one channel, 16,000 frames and 32,000 bytes a second, 2 bytes a frame, 16 bits a sample.
    file += bytes(UInt16(1)) + bytes(UInt16(1)) + bytes(UInt32(16_000)) + bytes(UInt32(32_000))
    file += bytes(UInt16(2)) + bytes(UInt16(16)) + Array("data".utf8) + bytes(size)
    for sample in samples { file += bytes(sample) }
    return file
  }

  private static let muLaw = """
    Y2jpYX78c/p+6fh06ujZ8W3V+G3tdfbsZONvY+pjaGps/mRu82buZ33pc3rl7Pnv4ev44vDX/P/j+Wxs631tfu5fZv9bbWRh8l1s9l52\
    7m146Phs6N/05+zh6nPP9m7Vdm/rYnx+ZuNdYulfZWh97Vj+6mp86O1t32586XPq/u/iemLY3mHv+udwbN5p/n5rZ2DtbW5ta35cb+Jk\
    7u1pbvDwZOTjbPt893rrzn7v6Xboa/7h8XX0an1paXNtXmLzXmxoaWp8aXz09fB36Hvs3t38zc355NTj++Xn5vD49WJecF9dXHRgVXF2\
    VWD9/WZe4eNofNn2adbc1c7hz+Df4vfee/T4dmX+YVZmWmVcTnFYUm5kXGT5bV3322zm8NXnzr7SyMfNz9HSyt7V4WPjX05nUUpNRUtK\
    RkxPS05OUF9cX/Xr2t/Xzsa9xL+9v7/AwMnJy+x0/F5OT0pCQT8+QEA/QEFERUhTWV182dHQw8G3tbi0t7a7v8XP0fFiXE1KRENBOz0+\
    P0A+QkVFTlxYaN/V1tTLvb+5ra2qq6+wu89qPzczLywsLC4uLzU4PkVJYOrWxb+8ubi4tra2u7m/uayrqK20vNpPOy4qJycmKCkqLS82\
    Njs+Q0xa9NfGvru4ta+srKuqq6egnp2fpqy89D4tJSAeHR0eHyAjIycqLTQ4P1Bzyry1raqmoqCenp6amJaXm5+twkMqIBsZFxgZGhwe\
    HyIlKSwwOUJe0LyyrailoJ+dnZ6fnZqZmJuhrMlELCAcGRgYGBscHh8hIycsLzlDXdC+ta2ppaKfnZybnZuYlZSXnae+SyseGRYVFRYZ\
    Gx0eHiEkKC0zPk/dvLOrqKSgnp2dnJyblpSSl52pyj0oHRkWFhcYGhwdHh8hJCgsMzpN6b+xrKWinp6cnJycnpmVkZGZn7RkLR0XExMU\
    FhkbHB0dHiAlKi89Wsm4r6mloaCdnJqbm52clJGPl6K1QSsbFBERFBYYGhscGxscHyYuO2TIs6uloJ6cmpiWl5iZnJaTj5OfrUotHhQR\
    DxEUFRgZGhoaGx0iKzlTxLWrpaGenZuZl5aZmJyVkI+RobFFKh0TEBASFhYZGhoZGBkcISs4WL6zqaWfnZuZmJaWl5ebmpORj5ut9Ssf\
    FQ8PDxQWFxoaGhkZGx8pNVPDtamln52cmpmXlpeYmp2WkpCVp78yIxoQDw8SFhcZGhsaGRkdJC9I2Larpp+enJqalpeVl5mbnJOSkZ22\
    TCUeEw4ODxUWGBoaGxgZGx8rOu+8rqeinpyampiXlpaYmp6XkpGVq9QsHxcPDg4SFxcaGhsaGBocJzZYwrOpop+cnJmYl5WVl5idnJSS\
    kp68OyEbEQ4NDxQXGRobGxkZGyEsRNO1rKOfnJuamZeVlZaYmp+YlJGXrmolHRUODQ0RFhcbGhwbGhseKDzsuqymn52bmpmYlpaVmJme\
    nZaUkqDMLx0YDwwMDhQXGhwcHRsbHSQwVsWuqKCdm5mZl5eVlZeZnKCalpOYs0EfGRIMDAwQFhkdHB4dHR0fLEXFr6ignZqYmJeYl5aX\
    mZ2fp52Zlpu/NBsWDwsKCg8VGh8fIyIgISQvTcKup56bl5WVlZaWlpeanKOhm5eVoswnGRQNCwkLDxQbHiAiISMjKTFNx7Gnn5uYlpWX\
    lpeXmJudpJyZlJio4iMbEw4LCgwPFRweIiIkJikuN0vNtaignJmXlpaWl5eam6Gfm5eUnKs/IxoSDgsLDRAZHSEjJCYoKi84Ss63qKGc\
    mZiYmJiZmpyeo52alJWdsDYkGRIOCwsNEhoeJSYpLC83OUFQ1beqop2bmZmYmZmbnZ+ln52XmJ2tQygbFQ8MCwwPFhwhJSksMjpETnfK\
    uKylnpyamZiYmJmbnp+dmpeZoLs8IxoUDwwLDA8WGyElKi45SF3s1ce3raWfnZubmZiZmZydnpyYmJqlxjUgGhQPDQwNDxUaHiElKjNB\
    XeHOwrWrpJ6cm5qZmJiZm52dnZqZm6O7PyYdFxIODAwOERccHyUrNUnvycG8tq6oop6cm5qZmZiam5uZmJmbp784JRwXEg4NDQ4RFhod\
    ICYtO1jVwryyrKWfnJuamZiYmJqam5mYmZyowjYlHBcTDw4ODxQYHB4jJy88U9nJvLWrpqCenJyampmZm5qalpaXnazoLSEaFRAODQ4Q\
    FBkbHh8lLTlT28O5r6ihnZuZmZiYmJiampqXl5ifr1MqHhgUDw4NDhEWGhwfIigvPVrYwLeup6GenJuamZmZmpuampaWmJ6wTykeGBMP\
    DQ0OEBUZHB0fJS06WdO+tayln5yamZiXl5eZmZmWlJaZp8YvIBkUEA4NDhAVGR0eISUrNUTvyrmvqKKenJuampmZmZybm5iVl5qq2Sse\
    GBMPDQ0NEBUaHR4hJSw3Ute+tKyln5ybmpqZmZqanZycmZeYnbFOJBwVEQ4NDg8VGh8jJykuN0Z6y7qxqqWgnp2cnJubnJyfn56al5id\
    tUEgGhQQDgwNDxYbISUoKi87TtfBta6moZ2cm5ycnZ2en6OopKGam56zPCEXFA8ODQ8UHSk0PD9FUHfizca4r6mlo6Kio6Kko6amqqyn\
    opqbnrY6IRgUDw4OEBcfLDg+QUJNUHvgxrivqaajo6KkpKalp6errKegmZqevDIeFhMODg4SGyY6RFRPWGdi7t/Ct62pp6WlpKWnqKmp\
    qquxraacmJyoRygaFRAODg8ZITA+Q0hESkdLW9m8sKqnpaOko6enqaeoqayxpp+WmZ6/Lh4VEg0NDhQdKzhAQ0VMQkpAec61rKijpKGj\
    pKepqKipqrCpopqWnKdEKBsVEQ4QFB0oLzcxMy0uLTVD77qwqKikpaWlp6ano6alqq2hnJKXoWcfGBISEBIYHzA5NywlIyIoL0jIs6yp\
    qaeopaelpqakpKOnqrCinJOWodggGhISEBIYHi4yLygfHh4kLkm/saqoqKiopqejpJ+fn6GmraqblY+dvCIXFBATEhkiLjosIxwaGx8q\
    RMCuqqmqqamnpaOfoJ2fn6WosKmblY+duCUYFA8QEBYfKzAqHxwaHB8pR72sqKmpq6enoaCenZ6eoqWrrreemI+WtC8WFQ8PDxQgLDYr\
    HxwZGxwlP72np6eqq6uop5+enJydn6OqrbusmpSPoOkhFhMODRAXIzAsKR0cGRseK1+wpaamqamoqKKfnJucnZ+jq667n5aPlbI1GhQP\
    DQ0SGygtKSEdGhkbITnFqaWkp6mop6SgnZyanJ2fqKu6q5mTkJ/iJxcSDQwPFh4pJyceHBkZHSlXtqemo6imp6Sgnpubm52foamtuq2Y\
    lJCjaCcWEw0MDxUeJiYkHhwZGhwqVLSppqSlpaWjn5ybmpycnqGprbetmZWSoWcoGBIODA8VHCMhJB4cGhkeKk27rKakpqOjn56cm5qc\
    nZ+hpa6tvp6XlJm8OR8UDwwNEhYdICEiHxwcHCIxVrespqOioZ+enZqbm5yen6Sorq+9n5iWmr45HxUPDQ0TFhsfISMgHBwdIjJeuKyn\
    pKKhn56dm5uanJ6foqeur7yhmZibsU4mFxANDQ8TGR4iJyYhHx0hKjjquKykoZ+dnZybm5ycnp+hp6usuKOamZut+y0aEQ4OERMYHSEk\
    Ih0cHB0lMFa8raWgnp6dnJubm5ydnqKkqayzr52bm6K5RSUWEA4PEhUaHyUkHxwbHB0mNem0qqKenZybnJqbm5udnp+jqaqvpJycn6vZ\
    LxwTEA8RFBgcHx8dGhkZGx8sR8KupZ+enJybmpqampudn6KmrK+2saCdnqTCOSMWEA8QExgbHyIfHRoYGh4mOOO1qKKenZubmpmZmZqc\
    naCkqKuwr6CdnqbFNyQXEQ8QFBcbHiAeHBoZGh4nOda2qqKfnZubmpmZmpuen6Kmqa2xuaqenqGxSCscExAQExcaHSAgHhsYGRwjL0zB\
    rqahnpyampiZmZqcnqGmqayvtMOtoJ+jujknGxMREBMYGx4iIiAdHBwfKDluva6moJ6cm5mZmZqbnZ+lqayutrvJxKmioqv3LiEYFBIS\
    FRgbHiAgHh0cHSMsP9O4q6SfnJuZmZmZmpydoqaprLG1wr+ooJ+pYiseFhMQEBUZHB8hISAdHR4kLkPXtauknpyamZmYmZmbnaCmqq6w\
    u7/a2LCopa15LiIaFhMSFRgbHiEiIiAgIScwRtO4raagnZybmpqbnJ2gpKuus7e9wdvRraWfqdwwIxsYFBMWGBseHyEgHh4eIys6X7+x\
    qKKem5qZmJiZmZydoaaqrbW6zcuyqqWs0TgnHRkVExMUFxocHR4eHyEmLTtqwrKpo56bmpiYl5iZmp2fpamttL3I7MW0rau4ZjQmHhoX\
    FRQVFxgaGxsbHR8kLDlVyrWrpJ6bmZeXlpaXmZueoqessbvG7cu6sK67YjUmHhoXFRMUFhgaGxwcHiEnLzxeybespZ+cmpiWlZWWl5mc\
    n6OorbO+0M7Eure+7j0tJh8cGhcWFhcXGBgZGhwfJSw3Sdi7rqegnZqZl5aWl5ianJ6ip6uxurq3srC3x1g5LSchHhsZGBgYGBcXGBkc\
    HiMqMDxfxrOqo56bmZiWlpaXmZudn6OorbKztLO4w+lINy4pJB8dGxoaGhkZGhscHiInLDM/Xsu4rqijn52cm5qbnJyen6Klqaytra6w\
    t8DYVkA3LiolIh8eHRwbGxsbHB4gJCgtN0V6xbetqKSgnp2dnZ2enqCipaiqq6usr7S8yvFOPjYuKiYjIR8eHR0dHR4fISQnLDE8TOjF\
    uK+rp6SioJ+fn5+ho6aprLC4wdNuTUA6NTEvLi0tLS4uMDI1ODs/RkxUYvvj2NHMycfFxcTCwsLDxMXFxcbGyMnMz9HX3Ob4bV9ZVE9M\
    SkhGRUVERUZHSUtOUlddZ3Lz597a1tPRz8/Pz9DR09XY2t3h5ezx/XlzbmtoZ2NjY2JhYWJjZGVoam1vdHh7/vv69/f29PT09PX4+fv+\
    fXp4dnZzc3NzdHN0d3l6e379/Pj39PLx8O/v7+/v7/Dy8fP29/r6/P9+fHl3dnVycnJwcXFydHV1d3h5fH7//v38/Pv6+vn5+vr6/Pv8\
    /v5+fn17fHt7fHt8fHx9fX5+/v39/Pv7+/v7/Pv8/P39/f7+/v5+/35+fX5+fv/+//79/f38/P38+/z8+/38/f39/v/+/359fH18e3t7\
    enp6eXp5eXl5eXl6enp7enx9fX7//v7+/f39/P37/Pz7+/v6+/v7+/z8/f3+/v/+fn5+fX19fHx8fHx8fHx8fHx9fX7///7//v3+/P39\
    /Pz9/Pz8/Pz8/Pz8/P38/P39/fz9/fz9/f39/f39/f3+/v3///5+fn5+fX59fn19fn5+fn5+fv//fv///n7+//7//v5+/35+fn5+fv9+\
    fv9+fv7//37/fn5+fn59fn5+fv//fv7/fv7/fv5+//9+fn7/fv5+//7////+//7+/v7//f7+/f7+/v7+//7+fn5+fn1+fX18fX19fn19\
    fn5+/////v7//v7+/v7+/v7//n7+fn5+fn59fX19fXx9fX1+fX5+fn59fv7/fv7//v7+/vz+/f39/P38/v7+//9+fX19fHx7e3t6ent6\
    e3p6e3t8fH19fv9+/v3+/fz8/Pz7/Pv7/Pv8+/v8+/38/f39//7+//9+/31+fn1+fX19fX18fH17fHt7fHt8e3x8fH18fX19fH19fn7/\
    fv/+/v/+/v7+/f7+//7+//5+fn5+fX58fXx8fHx8fHt8fHt9fX19fn5+/37///7+/v39/fz9/Pz8/fz8/fz8/P38/P39/f3+/v/+/v//\
    /////35+/v///////n7+/37+/v7+/v/+/35+fn5+fn59fn18fnx+fX19fX59fn59fX5+fX5+fn5+ff9+fv///359fn59fn5+fn5+fv//\
    fv7+/v7+//7+//7+/v79/v39/P39/f3+/v7+/35+fn19fn59fn18fHx8e3x7fHt7fHt8fHx9fX1+fv7//v79/P38/fv8+/v7/Pz8/Pz9\
    /v5+fn58fHt7e3t6enp6enp6eXt7e3t9fX19fn5+//9+/v///v5+/v///35+fn19fn1+/37//v79/v39/Pz7+vz6+vv6+vv7+/z8/f39\
    /v9+fX58fH18fHx8fHx9fHx8fH18fX58fv9+fv9+/v7+/f79/f79/v///35+fn5+fn1+fX58/v9+/v/9+/75/P37/fv++v/9ff18//l7\
    /fj9fPb89374+3D4d3v8cHt6/3Z4/Xv4/vP5+v58d3R5bnpufnp1+HTwenn1bvVy/P5w7XTw8vTu8fP6/Xp5/3h07nP873ry8Xjzfnf2\
    dHV0bW92Z/Rrfu1t73r39PTv+u3v7vnw6nPucnn8bHtza259Z2/3ZXz/bfZm6G936nnt/el95fH85Pb86u1w8PJp+G5wd3BxbvtnfXt6\
    +3b6fWbvdWfkefzqd+tx7fJo3WZ07Gxs+/1s83bvdv/fa+7naOhy+Ptn6mRs+mdqdnZg9WZk6l3+9XDrd+zv9Oh85+383nzt5W3keHrl\
    annybGf2fGV472bvdX3mXeH8XN53at538uBj4uhk3/X3+HbufGx7bnN7ZetyZ+lod/R37W3x62L36l7pa/P49s9l0t1x2XR+9/v6+XRu\
    7V9f9FttY2F6Xl/5XWXnXnz2fXH09vzg8PLXe+PbcNzd0+HV1e7g8fDvYehzVW5oWFduXFlZdFdWfF1obPxu9ex63uh51+Tx2+3W9d/V\
    +dvN1uTM3erecO9wb/Ffa1leV1JbUV5OXV5ObV9R6WBg537o6t/f3/fW3fzR3PHQ5ujB8tXIcdd38+5h42hkbVpuVVlsS2taVGRUZ1Zi\
    aVzkbmnZaOzZZtjd+9jh39nu0Mz70M/x59l3/N91bWpuW1pdYlJcVVViS2JtTGtlYWpo22ni2u/Y39vU4tDg193Txn7I1+XRZOzp/F5o\
    /VBiYFZXTmFVTVZuWU7pXVnoa/N49Nll7tb+69rc5d3mysP3xMBjyNj3zXHY62LuVmhPT1pGVklNT0tWU09kalTr7/D219jT2NnHz9PU\
    w82+xMq61cvP+tfqdGNjTk5GPk48PEw+PUU+TkRIYlDxWu/W2MvOzb7Nyb/MusK8r7u1tLu6wMPGxtX0XktGPDc3MTMtLjQtMjQzPDw+\
    TPPo47+9v7m1s7Kysa2up6Kmo6Wus8dzTzs1LCwnICMfHx8gJSUrMDBAXGTIubOtqaejo6elpKeqqaasqJyhoaOvvUAxLCYjIB0bGBUW\
    FRYbGx8oLTtF272vqqKenZqampmcnJ2goKOoppmcn6Oz4ycfHhwcGhoWEQ8ODw8UGyAtOF3Uv6+nnpqVkpKSk5eam5yeo6Ksr56ipq/L\
    OR8cGhsaGRgTDg4NDQ8UHCMvR9zEtaifm5aRj4+Qk5WYmpydo6autZ+mq7tXMRsaGRoaGBcSDw0NDg8XHSo5Rse5raecl5OPj4+Qk5ea\
    nJ2gqKm1waSnrstELBoZGhsbGhgTDw4OEBQaIS89aci2q6SemJSSkJGSlpqanJ6iqKq9qJ6nrWA5HxkaGx0bGBUPDQwOEhcdKDZCcL6v\
    qZ+alpSSkpOWmJudnZ+krK7KqZyksj0oHhgZHSEeGBMQEBAUGR4lKjNK27yyq6Oem5mWlpaZm52fn6Gkqq3EppmfrUYsHxoaICYgGRIQ\
    DxATGB0hJi48aMi0qqSem5eVlpaYmpydnZ2kqrOzm5qk5CIdGhkdIR8bEg4OERUZHSMpLzpovq6npJ2amJaXl5ebnZ+goaWus8fBnpuk\
    TRwYGRseISMcEw4OExgdHygvOUfZuqykoZ2amJWWmJmcnqGioqWvvOnKoJyjPRgVGB0hICAdFA8PFBwhJCgvQG7Cs6ykop6bmJeXmZue\
    oaSlpaiwwu3Wn5miPBcUGR8kJCQeFQ8OFBwiJisyQFvWua2koJ2bmZiYmZuen6WmqKeuvu3voJmePxURGCMqJCEeFxAOEx0pLi81P1vO\
    uqykoJ2cmpqbm52fo6mnqKq0xWfYnZabQBIOFys3KyEdGhUPERknOz85NkP5vrOrpJ+cm5qbnJ6fo6irp6epucxJsJqYoyMRDxsuMCcd\
    GhcUEhUaJC43P0Vpzb2vqqKem5mampyeoqaopaWnscLu2J+YmdMYDhEiNjMlGxkXFRMUGyY2Q0tPbNy/tamgnJmZmpudn6KkoqKiqrDH\
    w5+XlrkdEBAdLTImGxcVFBMUGB4rPE1VV/7HuayjnJmYmZudnp+ipqioqKy13NmlmZewHxAOGys5LB0YFhUVFBUaIztd4PtZ6cqzp56a\
    l5eXmpyeoKGin6Ckq7usnZaa3R0PEhwoLSAaFRQVExITGSU6e+9nVW/Hs6efm5iYmZuen6Wko6Gfpqu8rJ2WmcEhEhMbJishHBcXFhUT\
    EhYeMFLj8mRg1ruroZyYlpeZnJ+jpaOhn6Optqmdlpm8IxMSGiUrJh4bGhgWExMXIDZlzO1ZUW6/saWempiZm52iqKqmoqCkqbOonpeZ\
    ry0XFBcdICEeHBwbGRYUFhsnPGzV5OvNuqujnZuZmJmanJ+jp6Wlpaivp5+anLI1HBgYGxwbGhgYGBcWFRYaIS9I/t7awrOnn5uYl5eX\
    mJmcn6Gko6aosLOooJ2mzyscGBcXFxcXFhcXFxcXGR4mMENwzr2xqaGdmpiXlpeYmpyfoqOmqq+6rKOen7FPJx4aGBcVFBQUFRYWFRUY\
    HCQuOlnRu62lnpqXlJOSkpSWmZudnqOor7KppKKryDclHRkWFBMTExQWFhcYGh0iKjVBa8S1q6SfnJqZmJiZm56hpKaorK61qZ+eorZH\
    KiEcGxkaGxweHh0dHB4iKjVHeM/Cuq+qpKCenp+hpKqtsLCvr7i4xb6empyrTygiHBscHyUpKiQhHh4eIyo6SVpdZ9G6r6ihn5ydn6Oo\
    rK2yraystbvLxJ6ZnKtQKB8bGBgbIScqJyAcGxsdIzFEXu7gxbaqo56cmpudoKSora6ura+0w8tdq5mcpvwmHhoWFxsfJysmIB0dHh8n\
    NljPzc29taqjnZybm52ipauxtL23uLjHyljtn5metTwkHhoXGR8oLS0nIB4cHSApPWT52sy/sqqkn52cnJ+kp6utr7KzsLPDzkmumZqo\
    +igeGxUVGiInLSokIB8eHycyTdbEwLu3q6WhnpycnaGorK+3vru5uLvJ2Eq2mpyscCweGhUUGiEpLCooJCAeHyUzTdTCurSsp6OfnZyc\
    naClq620u8jCwMDobElOoZmhxj0jGxURExskKjUzLSkjHiIrPPa9trCtqqiin52cnZ6hqa6zvsrPyMrK+u5Dr5ibr2kzHhcSEhcgJSwy\
    MCklIiAlMl7HurOuq6imoJ6dnZ2fo6mvucbo1crK7PhVWaCWn806JRsUEBMcJyouMS4mIB8jKj3cvLeyrquopqGenJ2en6Orr7rF3M7N\
    zfZ+VlyflJzPOCYaExATHCosLS8uJR8dHytJzLeurK6tq6mln5ydnqCiqrC+zffMy85s6GFan5Kb8DEqHBIPExwnLC8xLSYhHh4oRcm4\
    sKyrq6uopJ+enZ6go6qzv8nwWefH2EhcULeYkqouKiUXDxEYJDE2Mjc0Jx4eJTN8u7Ktqqutq6ein56en6Kor7vI219T59HtRFVJuZiS\
    qTQ3MRkNDxggJis1ST0pHx8jLEDWua2oqKimpKOfnp6foaastMLqVXjk61RdXWellJrkNEEoEQwRGh0fKjtOPi4mJiw5Se3Ar6mmpKCe\
    nZ2en6Kmq7K+z/5RR01WTT5MRsGbk6Q7OUMeDg0WHh4jL0lJNSsnKC07V8y4rKejop+dnJyen6KmrbXE6U5ITEtDPktHyJ+WoNJaXSQP\
    DA4SEhYfNl3f/U9ER0xKTdy3qqSfm5iXmJqcn6auvMxhQTc6PT03PUVOr5uaq8TCShwPDg8PEBYfL0R93uj74vZYUdm6raefmpeWlpia\
    nqavxG1EODAwMzc0Oj5MsJ2dqa+v4yEVERAODhMbJTFHeNrTz9n6dtK/tKujnZqYl5eZnKCptMlcPTU0NjU1PkDNpp2hqaiuQB4XEw8N\
    DhIYHis6TunNztbh49O/tqyjnZqYlpaXmp2iqrjQVD83NTQ1ODnWrKipp6a2PygdFQ8ODhAUGiErOk7hzszKxb+8tKymoJ2amZiYmpyf\
    pq69400+NzMyNTVkurGwr6/DPCceFxIPDxIWGiEuQWzMurW4trOxr62oo5+dm5qam5yfpK270FE8NC8vLTdyz7yzr7bTQiwfGRMRDxEV\
    GR4pN1vGtq+uq6urqaelop+dnJubnJ2gp6677Es4LywsKS9GTNa7trvJazcoHhgVEhIUFxwhLULiua+rqKimpaWkoaCenZybnJ2eoqmx\
    w3I9NCsqJioxMEvvzcLGzk02Kh8aGBUUFhgcIi0/07qtqKWjoqGjoaChn56enp+foqettstdPDMuKDAtMk9N08THyGRBLyIdGBMSERIU\
    GB0kMU/Cr6ejn52cm5uampmZmpmbnZ+lq7fMTDouLCsqMDI+SmV4YVA6LSYeGhgVFBUXGx8oN0/AsKqjoJ6dnZycm5ucnJyen6SqsL3b\
    TToyMSwyNTxPetbMzO1ONysiHBkWFBQVGBsgKThcv6+po5+dnJybm5ubnJ2eoqass77+VDg5NC8/OlPd2sDDzN1DNScfGhYUEhITFhoe\
    JzRNwLGnop6bmpiYl5eYmJqcnqOosL/9RTQ0Ky8wMUNDaOnl7E49LyYfGxgWFRYYGh8mMkvMs6ukoJ2dm5ubnJydnp+lp663xPBIPD0y\
    PUBF2tfBvsDKZz4uJB0aFhQUFBYaHic1TsKxqaSfnp2bnJubnZyeoKOqrbjM9kI4PS88Q0XTzL+7vsxeOywhHBcVEhMUFxshLDzQuaul\
    oJ6dnJycnJydnp+ipquyu+lWPjI7LztOSsTDvLbEyUwyKR0ZFRISEhUYHScza7yupKKenJ2cnJ2cnZ6eoKOorLfGY0oxNzcsVklRucXA\
    u+5LLyYdFxUSERQWGiMrRcO0qKOhnp+en5+en5+en6CipquxwORBPC0uNitbYPqvuLaw0100Ix0WEhAPERMYHypBzrKppKGfn5+gn5+f\
    nZ6dnZ+hpq+001Y+OkAz3t7drrq/tko3KxsZEw8QDxIXGyUwSce1r6moqaSlpJ+fnZubmZucnqaqt9tXPC5CNjvA4L+uv8PWNSseGRUQ\
    EBESFx0iL0bevbSvrayqqKainp2bmZmam56jqrfHYj83UztRt821rMTDXC0mGhYSDg8QEhgcJDJJ2720sq2tq6akn5yamJeXmJqdoqq4\
    zEc/MTNPOtq3yrO2714uJBwVFBAPExUZICc1S+fDvrq1tq6rqKCdmpiWlpiYnKGnssbwRzltTFOyvr6v10g2IRwUEA8NDxIVGyQrRGjO\
    vLu4sa+qpp+bmZaUlJSWmp2mrr5hRz0vVWdFtrfMwG40JhwYEA8PDhAWGR8rNFDx0sTAv7evqqKdmZWTkZGSlZmepq7JZUc5L11URbe9\
    /MhGKiIZFQ8ODw8SGBwkLztR1c/Lv7+0sKegnJiUk5GSlJaboqi30l9KOD/JU8ivw9R5MSUbFRENDg4PFBkeJzBEU3XTzMm7sqqinJiT\
    kY+PkZSXnaStv+VMQjb53lu2uGTnOiMdFhEODQ4PExodJTQ8Sejd5cfAt6yknpiVko+QkJOYm6Grus1VSzo/w3LRr8NeWysgGRIPDQ0P\
    ERUbHyszQlVd+s7Vu6+qn5qXkpCPj5KVmZ+nrsrkXUM3zsZkuLDvSzojGhUQDg0OEBQZHigvOklZXerPx7eqo52XlJKQj5KUmJ2krbvW\
    U0RENnnE5L6z0k02JR0VEg8ODxMWGx8oMjhDTU5n4sy4rKOdmZSSkZGTlpqepq7Az1xQP0u6x8Kus9pNMCMaFBEPDw8TFxwhKS89P0pe\
    79G+saigm5iVkpKTlZidoqu1yHtKTz3cvMS0rrrdPyofFxIPDg4PFBkeJTE8S1/c1MrAs6ylnpmWlJOSlJebn6i0zfFBPDk9w8PBrqy+\
    eTkpHBQQDw4OERYbICs8UWzNx7+9tq6nn5yYlZOTk5WYnaOvvWlFNTMwNODMxbSvvv43KB0WEA8PDxEXHSQvStTKvbm2uLOtp6KempeV\
    lZWXmp+nscRqPzc3M07BvLWsrrtZLyMaEw4ODg8SGB0lMENt1svAvLmwq6Oem5eUlJOUl5ugqrfOTzw2NjBNwLy2ra+5WCwjGxQPDg8R\
    ExkfKjREfc7IyMG6s62mn5uYlpSUlpmcoqy6zVlAOTs3W7u1sa6wuWMrIBsWEA8PExYaHicuOD9IVmzYyLitpJ6alpSTk5SXm5+ossHw\
    Sj49OFu+uLWyuMBNKh8aFA8PDxEVGR0jKzQ+Q0lZ2sK2rKKcmJSSkZCSlZmdpK272VlAPDY3XM7HxcrcWTAjHBgVEhESFRkcHyUsNDo/\
    Sm7Nu6+nn5qXlJKRkpSWmp6mrrrMX0k+Pl7SyMXM4lMzJR0ZFhMSExUZHB8jKS82Oz9P37+zqqKdmZaUlJSVl5qepKuzwNpWST9L68vD\
    w8vdUTMnHhsYFhQUFhkcHiEmKy80O0f5w7Oqop2Zl5WUlJWXmp2hqK+6yvZOQUhm2s3S71xDMSceGhgWFRYXGRweISYrMDg/TerCs6qj\
    npqXlZSUlZeZnKCnrbbD21RKWe3Rzd1fSjksIhwZFhUVFRYZHB4iJywzO0dmzruvqKKdmpiWlpaXmJqdoaiut8PZW01c4svFy91hQjMo\
    HxsYFxYWFxkbHSAlKi40O0htyrquqKKdm5mYl5eYmpyfpKqvuMLU5tnLwb/DzedOOy0lHxwZGBgYGBobHSAkKCwyO0rtw7WspaCdm5mY\
    mJiam56gpauxusbb49rNxsfO4VhBNSskHxwaGhkZGhsdHiElKSwyPE7ev7OrpaCdnJqampqbnZ+ipquwuMPNzcvHx8/mXkc6MCkjHhwb\
    GhoaGhscHiElKS42QmrItq2noZ6bmpmYmJmam52fo6mutsDM2OZ5W0o/ODAsJyMfHhwcGxscHR4fIycrLzdCWtS+tK2opKCenZ2dnp6g\
    o6err7a9yNHT0c7O2O5fTUI6My0qJyUjIiIhIiIkJigqLTE4QVbcxLmwrKiloqGgoKCho6aoq66zur7AxMfN3HhYSkA5My4rKSgnJiUl\
    JSYoKiwuMjlAT/zOwLmyrqupqKenp6ipq62vs7i7wMjIycrL0+Z6WUxEPTczLy0sKyopKCkpKistLzM5P0tk2MW8ta+tq6mpqKipqqut\
    r7O3u76/wMTJ0OF0WEtDPDczMC8uLSwsLCwtLi8wNDg9RE9p3cvAu7ayr66tra2trq+xtLe6vsPFyMvQ3vZoWU9LRkA9PDo5ODc2NTU1\
    Njc4Ojw+Q0lPXX3ez8jCvry6uLe3t7e4uLq7vb29vb6/w8fLz9bgeF5RSkZAPTo3NDMxMDAvLzAyNDc7PkNMWf3XysK9ure0srGwsLCx\
    s7a4u77EzNfsZFdNR0I/PTw7Ozw8PT5AREdMUVpo/ubd2NPOzcvMy83L0w==
    """
}
