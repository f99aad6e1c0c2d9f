namespace Reprise.Tls;

internal enum ProxyHeaderStep
{
    /// <summary>So far it may become one.</summary>
    NeedsInput,
    Complete,

    /// <summary>It begins otherwise.</summary>
    None,

    /// <summary>It begins as one, and is not as it has to be.</summary>
    Malformed,
}
