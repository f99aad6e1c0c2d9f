namespace Reprise.Edge.Profiles;

/// <summary>A profile cannot be used. The message is one line that names the key, the value and what is allowed.</summary>
internal sealed class ProfileException(string message) : Exception(message.ReplaceLineEndings(" "));
