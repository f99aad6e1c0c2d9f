namespace Reprise.Tls;

/// <summary>
/// Tells the transport when a connection is in use by a request, so that the profile's idle deadline also holds between requests.
/// Heeded with <see cref="TlsTransportOptions.RequestsAreCounted"/>. From any thread.
/// </summary>
public interface ITlsRequestFeature
{
    void RequestBegun();

    void RequestEnded();
}
