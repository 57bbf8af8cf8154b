extension ConfigurationKeys {
  /// Requests in flight at a time that an endpoint may be given.
  static let mostConcurrency = 256

  static let endpoint = ConfigurationSection(
    name: "endpoint",
    title: "[endpoint.NAME]",
    isNamed: true,
    meaning: "Where requests go. At least one.",
    keys: [
      ConfigurationKey(
        "preset",
        .choice(Preset.all.map(\.name)),
        .required,
        "What kind of endpoint it is; the other keys default to what that kind wants. "
          + presets
      ),
      ConfigurationKey(
        "url",
        .text(),
        .words(each { $0.url.map { "`\($0)`" } ?? "required" }),
        "The base address, to which `/chat/completions` is added, or the whole address as a portal shows it "
          + "(ending in `/chat/completions`, with or without a query), which is taken as it is."
      ),
      ConfigurationKey(
        "model",
        .text(),
        .words(
          "required for " + names { $0.needsModel } + ", except where the address names the deployment; "
            + "left out otherwise"
        ),
        "The model that is asked for. A task may name another."
      ),
      ConfigurationKey(
        "key",
        .section(key),
        .words("required for " + names { $0.needsKey } + ", except on this machine or with `entra`"),
        "Where the key comes from. It is read anew for each request, so that a new one counts at once, and kept nowhere."
      ),
      ConfigurationKey(
        "entra",
        .section(entra),
        .words("none"),
        "Microsoft Entra ID instead of a key."
      ),
      ConfigurationKey(
        "authentication",
        .choice(EndpointConfiguration.Authentication.allCases.map(\.rawValue)),
        .words(each { "`\($0.authentication.rawValue)`" } + "; `none` without a key"),
        "How the key is sent: as the header `api-key`, as `Authorization: Bearer`, as both, or not at all. A token "
          + "of `entra` goes as Bearer."
      ),
      ConfigurationKey(
        "concurrency",
        .whole(1...mostConcurrency),
        .words(each { "\($0.concurrency)" }),
        "Requests in flight at a time."
      ),
      ConfigurationKey(
        "query",
        .textTable,
        .words("none"),
        "Added to the address's query: `{ api-version = \"2024-05-01-preview\" }`."
      ),
      ConfigurationKey(
        "headers",
        .textTable,
        .words("none"),
        "Further request headers. Not for the key: this file is no place for secrets."
      ),
      ConfigurationKey(
        "audio_part",
        .choice(EndpointConfiguration.AudioPart.allCases.map(\.rawValue)),
        .words(each { "`\($0.audioPart.rawValue)`" }),
        "How a clip stands in the request: as an object with data and format, as a data URL, or as nothing but "
          + "its base64, which is Mistral's way. `auto` tries `input_audio`, and turns to `audio_url` when the "
          + "endpoint refuses that."
      ),
      ConfigurationKey(
        "audio_first",
        .flag,
        .words(each { "`\($0.audioFirst)`" }),
        "Whether the clip stands before the instruction, as some model cards advise."
      ),
      ConfigurationKey(
        "fold_system",
        .flag,
        .words(
          "`true` for models with "
            + ModelHabits.withoutSystemText.map { "`\($0)`" }.joined(separator: " or ")
            + " in their name, else `false`"
        ),
        "Whether a task's system text goes before its instruction in the user message, for models without a "
          + "system prompt."
      ),
      ConfigurationKey(
        "extra",
        .anyTable,
        .words("none"),
        "Fields merged into the request's body: `{ top_p = 0.9 }`."
      ),
      ConfigurationKey(
        "temperature",
        temperature,
        .words("the model's"),
        "Sampling temperature of tasks that name none."
      ),
      ConfigurationKey(
        "max_tokens",
        tokens,
        .words("the model's"),
        "Limit of tokens a reply, for tasks that name none. A reply that reaches it counts as cut short."
      ),
      ConfigurationKey(
        "max_tokens_field",
        .choice(EndpointConfiguration.MaxTokensField.allCases.map(\.rawValue)),
        .words(each { "`\($0.maxTokensField.rawValue)`" }),
        "What the limit of tokens is called in the request."
      ),
      ConfigurationKey(
        "timeout_seconds",
        .number(1...3_600, unit: "seconds"),
        .value(.whole(300)),
        "How long a request may take in all."
      ),
      ConfigurationKey(
        "allow_http",
        .flag,
        .value(.flag(false)),
        "Whether `http://` may lead to another machine. Recordings and the key then travel in the clear."
      ),
      ConfigurationKey(
        "proxy",
        .either([.text(), .exactly(.flag(false))]),
        .words(
          "what `https_proxy`, `http_proxy` and `no_proxy` say (or in capitals), except for this machine"
        ),
        "The proxy: `\"http://HOST:PORT\"`, or `false` for none. Connections go through it by CONNECT. One that wants a "
          + "password is named by the variables: `http://USER:PASSWORD@HOST:PORT`."
      ),
      ConfigurationKey(
        "ca_file",
        .path,
        .words("none"),
        "Certificates (PEM) of authorities to trust beside this machine's, for an endpoint or a proxy with a "
          + "certificate of one's own. Read at the start and at every reload."
      ),
      ConfigurationKey(
        "prices",
        .section(prices),
        .words("none: no costs are shown"),
        "What a million tokens cost, so that usage sidecars can name a cost."
      ),
    ]
  )

  static let key = ConfigurationSection(
    name: "key",
    title: "[endpoint.NAME.key]",
    meaning: "Where a key comes from: exactly one of these, usually as `key = { credential = \"api-key\" }`.",
    hint: "a key does not stand in this file itself: write { credential = \"NAME\" } for systemd's "
      + "LoadCredential, { env = \"VARIABLE\" } or { file = \"PATH\" }",
    keys: [
      ConfigurationKey(
        "credential",
        .text(),
        .words("none"),
        "A file of this name in `$CREDENTIALS_DIRECTORY`, where systemd's `LoadCredential=` and "
          + "`LoadCredentialEncrypted=` put it."
      ),
      ConfigurationKey("env", .text(), .words("none"), "An environment variable."),
      ConfigurationKey(
        "file",
        .path,
        .words("none"),
        "A file that holds nothing else. Relative to this file's folder, or with `~/`."
      ),
    ]
  )

  static let prices = ConfigurationSection(
    name: "prices",
    title: "[endpoint.NAME.prices]",
    meaning: "What a million tokens cost: `prices = { input = 0.08, audio_input = 4, output = 0.32 }`.",
    keys: [
      ConfigurationKey("input", price, .required, "A million prompt tokens that are text."),
      ConfigurationKey(
        "audio_input",
        price,
        .words("the price of `input`"),
        "A million prompt tokens that are audio, where the endpoint counts them apart."
      ),
      ConfigurationKey("output", price, .required, "A million tokens of replies."),
      ConfigurationKey("currency", .text(), .value(.text("USD")), "Three capital letters (ISO 4217)."),
    ]
  )

  private static var presets: String {
    Preset.all.map { "`\($0.name)`: \($0.meaning)." }.joined(separator: " ")
  }

  /// What holds for each preset, in words: first what holds for most.
  private static func each(_ word: (Preset) -> String) -> String {
    let words = Preset.all.map(word)
    let groups = Dictionary(grouping: zip(words, Preset.all), by: \.0).mapValues { $0.map(\.1.name) }
    let most = groups.values.map(\.count).max() ?? 0
    let common = most > 1 ? words.first { groups[$0]?.count == most } : nil
    var said: [String] = []
    for word in words where word != common && !said.contains(word) { said.append(word) }
    let rest = said.map { "\($0) for \(list(groups[$0] ?? []))" }
    return ([common].compactMap(\.self) + rest).joined(separator: "; ")
  }

  private static func names(_ condition: (Preset) -> Bool) -> String {
    list(Preset.all.filter(condition).map(\.name))
  }

  private static func list(_ names: [String]) -> String {
    let quoted = names.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " and " + last
  }
}
