using System.Net;

namespace Reprise.Edge.Limits;

/// <summary>Whose word on a client's address is taken, on listeners that take one.</summary>
internal sealed class ProxyProtocolOptions
{
    /// <summary>Networks of load balancers, as <c>10.0.0.0/8</c>, or single addresses. Whoever is in them can claim any client address. Default none.</summary>
    public IList<string> Trusted { get; set; } = [];

    /// <summary>From accept to the end of the header. Default 5 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public IReadOnlyList<IPNetwork> Networks() => [.. Trusted.Select(text => TryParse(text, out var network) ? network : throw new FormatException(text))];

    public void Validate(List<string> failures, string section)
    {
        for (var i = 0; i < Trusted.Count; i++)
        {
            if (!TryParse(Trusted[i], out _))
                failures.Add($"{section}:{nameof(Trusted)}:{i} is '{Trusted[i]}'; allowed: a network, as 10.0.0.0/8 or 2001:db8::/32, or an address");
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(1))
            failures.Add($"{section}:{nameof(Timeout)} is '{Timeout}'; allowed: 00:00:01 to 00:01:00");
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (!IPAddress.TryParse(text, out var address))
            return false;
        network = new IPNetwork(address, address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }
}
