using System.Net;
using System.Net.Sockets;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>How often an address may give a wrong token. The token is too long to be guessed; this keeps those who try from being a load.</summary>
internal sealed class SignInLimit(TimeProvider time)
{
    /// <summary>Failures of one address within <see cref="Span"/>.</summary>
    public const int Most = 5;

    /// <summary>For how long an address that has failed too often is not heard.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private const int MostAddresses = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (long Since, int Count)> _failures = [];

    /// <summary>Whether the address may try once; counts as a failure until <see cref="Succeeded"/>, so that tries at the same time count too.</summary>
    public bool TryBegin(IPAddress from)
    {
        var address = Network(from);
        lock (_gate)
        {
            var (since, count) = _failures.GetValueOrDefault(address, (time.GetTimestamp(), 0));
            if (time.GetElapsedTime(since) >= Span)
                (since, count) = (time.GetTimestamp(), 0);
            if (count >= Most)
                return false;
            if (count == 0 && _failures.Count >= MostAddresses)
                MakeRoom();
            _failures[address] = (since, count + 1);
            return true;
        }
    }

    /// <summary>The token was right: that was no failure.</summary>
    public void Succeeded(IPAddress from)
    {
        var address = Network(from);
        lock (_gate)
        {
            if (!_failures.Remove(address, out var failures) || failures.Count <= 1)
                return;
            _failures[address] = failures with { Count = failures.Count - 1 };
        }
    }

    private void MakeRoom()
    {
        foreach (var over in _failures.Where(each => time.GetElapsedTime(each.Value.Since) >= Span).Select(each => each.Key).ToList())
            _failures.Remove(over);
        if (_failures.Count >= MostAddresses)
            _failures.Remove(_failures.MinBy(each => each.Value.Since).Key);
    }

    // Who has one address of IPv6 has its whole /64.
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
