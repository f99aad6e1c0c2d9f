namespace Reprise.Tls;

/// <summary>Whether a listener takes a proxy's word, by PROXY protocol version 1 or 2, on who the client is.</summary>
public enum ProxyProtocolMode
{
    /// <summary>Never: a header is no TLS, and its connection fails.</summary>
    None,

    /// <summary>A trusted peer may send one; what others send is taken for TLS.</summary>
    Optional,

    /// <summary>Every connection is from a trusted peer and begins with one; all others are closed.</summary>
    Required,
}
