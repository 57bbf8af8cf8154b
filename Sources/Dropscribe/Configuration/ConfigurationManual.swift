/// Writes the manual page `docs/configuration.md` from the table of keys. A test compares the page with this.
enum ConfigurationManual {
  /// The whole page.
  static var page: String {
    var page = introduction
    for section in ConfigurationKeys.sections {
      page += "\n## `\(section.title)`\n\n\(section.meaning)\n\n"
      page += "| key | value | default | meaning |\n|---|---|---|---|\n"
      for key in section.keys {
        let cells = ["`\(key.name)`", key.form.words, key.fallback.words, key.meaning]
        page += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
      }
    }
    return page
  }

  private static let introduction = """
    # The configuration

    <!-- Made from Sources/Dropscribe/Configuration/*Keys.swift: edit there, then run
         DROPSCRIBE_WRITE_DOCS=1 swift test --filter ConfigurationManualTests -->

    dropscribe reads one [TOML](https://toml.io) file: the one named with `--config`, else
    `$XDG_CONFIG_HOME/dropscribe/dropscribe.toml` (`~/.config/dropscribe/dropscribe.toml`) if it is there, else
    `/etc/dropscribe/dropscribe.toml`. `etc/dropscribe/dropscribe.toml` is a sample with every key.

    One endpoint and one folder are a complete configuration:

        [endpoint.azure]
        preset = "azure-ai"
        url    = "https://my-resource.services.ai.azure.com/models"
        model  = "Phi-4-multimodal-instruct"
        key    = { credential = "api-key" }

        [folder.inbox]
        path = "/srv/recordings"

    Nothing is guessed: an unknown key, a value of the wrong kind or out of range, a name that is not there are
    errors. `dropscribe check` lists all of them, each with its line and a suggestion, or says what is
    configured. A running daemon reads the file again on `SIGHUP` (`systemctl reload dropscribe`); a file with
    errors then leaves the old configuration in force.

    Names (of endpoints, tasks, folders) have up to 64 letters, digits, `-` and `_`. Where a number may have a
    fraction, `2` and `2.0` are the same.

    """
}

extension ConfigurationKey.Fallback {
  /// For the manual.
  fileprivate var words: String {
    switch self {
    case .value(let node): "`\(node.toml)`"
    case .words(let words): words
    case .required: "required"
    }
  }
}
