namespace Reprise.Tls.Client.Recording;

/// <summary>What passed a connection up to some moment.</summary>
/// <param name="BytesSent">Of TLS: records with their headers, nothing of TCP.</param>
/// <param name="BytesReceived">The same for the other way.</param>
/// <param name="Flights">Runs of bytes in one direction; the client's first is 1.</param>
/// <param name="Elapsed">Time since the TCP connection stood.</param>
public readonly record struct WireCount(long BytesSent, long BytesReceived, int Flights, TimeSpan Elapsed)
{
    /// <summary>How often the client had to wait for an answer; that of TCP is not counted.</summary>
    public int RoundTrips => Flights / 2;
}
