using Google.Protobuf;

namespace Reprise.KeyProtocol.V1;

/// <summary>
/// Keeps the secret out of <c>ToString()</c>, of this message and of any that it is part of: protobuf would print it in
/// base64, and whatever logs a message calls <c>ToString()</c>.
/// </summary>
public sealed partial class Epoch : ICustomDiagnosticMessage
{
    /// <inheritdoc/>
    public string ToDiagnosticString() => $"{{ \"number\": \"{Number}\", \"state\": \"{State}\" }}";
}
