using System.Net;

namespace Reprise.KeyProtocol.Hosting;

/// <summary><c>--healthcheck</c>: asks the running process of the same configuration, as container health checks do.</summary>
public static class ReadinessProbe
{
    /// <param name="management">The management listener as configured, <c>IP:PORT</c>.</param>
    /// <param name="readyFile">Where a port chosen by the system stands, or null.</param>
    /// <param name="readyProperty">Under which name.</param>
    public static async Task<bool> AskAsync(string management, string? readyFile, string readyProperty)
    {
        if (Target(management, readyFile, readyProperty) is not { } target)
            return false;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://{target}/readyz")).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static IPEndPoint? Target(string management, string? readyFile, string readyProperty)
    {
        if (!ListenAddress.TryParse(management, out var address))
            return null;
        if (address.Port == 0 && (readyFile is null || !ListenAddress.TryParse(ReadyFile.Read(readyFile, readyProperty) ?? "", out address)))
            return null;
        if (address.Address.Equals(IPAddress.Any))
            return new IPEndPoint(IPAddress.Loopback, address.Port);
        return address.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, address.Port) : address;
    }
}
