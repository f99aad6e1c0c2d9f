namespace Reprise.KeyProtocol.Hosting;

/// <summary>The configuration cannot be used. The message is one line that names key, value and what is allowed.</summary>
public sealed class ConfigurationFileException(string message) : Exception(message.ReplaceLineEndings(" "));
