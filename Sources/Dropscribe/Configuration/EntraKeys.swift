extension ConfigurationKeys {
  /// What tokens are for unless something else is said: every Azure AI resource takes it.
  static let entraScope = "https://cognitiveservices.azure.com/.default"

  static let entra = ConfigurationSection(
    name: "entra",
    title: "[endpoint.NAME.entra]",
    meaning:
      "Microsoft Entra ID instead of a key: `entra = { managed_identity = true }`, or an application with a "
      + "client secret or a federated token. Tokens are fetched when they are needed, kept in memory alone, and "
      + "renewed before they expire. `{}` is enough where AKS injects workload identity's variables.",
    hint: "write { managed_identity = true }, or { tenant = \"…\", client_id = \"…\", "
      + "client_secret = { credential = \"NAME\" } }",
    keys: [
      ConfigurationKey(
        "tenant",
        .text(),
        .words("`$AZURE_TENANT_ID`"),
        "The ID of the application's tenant, or one of its domains. Not for a managed identity."
      ),
      ConfigurationKey(
        "client_id",
        .text(),
        .words("`$AZURE_CLIENT_ID`; for a managed identity none"),
        "The application's ID. For a managed identity: of several, which."
      ),
      ConfigurationKey(
        "client_secret",
        .section(clientSecret),
        .words("none"),
        "Where the application's secret comes from. It is read anew for each token."
      ),
      ConfigurationKey(
        "federated_token_file",
        .path,
        .words("`$AZURE_FEDERATED_TOKEN_FILE`, where neither of the other two is given"),
        "Workload identity: a file with a token that vouches for the application, read anew for each token."
      ),
      ConfigurationKey(
        "managed_identity",
        .flag,
        .value(.flag(false)),
        "Whether the machine's own identity is asked for: that of a virtual machine, or, where `$IDENTITY_ENDPOINT` "
          + "and `$IDENTITY_HEADER` are set, of an App Service. Without a proxy."
      ),
      ConfigurationKey(
        "scope",
        .text(),
        .value(.text(entraScope)),
        "What the token is for; ends in `/.default`. Foundry projects want `https://ai.azure.com/.default`."
      ),
      ConfigurationKey(
        "authority",
        .text(),
        .words("`$AZURE_AUTHORITY_HOST`, else `https://login.microsoftonline.com`"),
        "Where tokens are had, in clouds other than the public one. Reached through the same proxy and with the "
          + "same `ca_file` as the endpoint."
      ),
    ]
  )

  static let clientSecret = ConfigurationSection(
    name: "client_secret",
    title: "[endpoint.NAME.entra.client_secret]",
    meaning: "Where an application's secret comes from: exactly one of these, as for `key`.",
    hint: key.hint,
    keys: key.keys
  )
}
