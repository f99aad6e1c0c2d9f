namespace Reprise.Tls.Client.Recording;

/// <summary>Which way something went, as the client sees it.</summary>
public enum WireDirection
{
    Sent,
    Received,
}
