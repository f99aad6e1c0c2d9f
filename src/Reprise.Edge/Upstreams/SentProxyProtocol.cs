namespace Reprise.Edge.Upstreams;

/// <summary>HAProxy's PROXY protocol, towards servers.</summary>
internal enum SentProxyProtocol
{
    None,
    V1,
    V2,
}
