using Reprise.Core.Keys;
using Reprise.Core.Sessions;

namespace Reprise.Core.Tests.Sessions;

/// <summary>Epochs with known secrets, scopes, and a session to seal.</summary>
internal static class SessionFixtures
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly byte[] Handle = Filled(32, 7);

    public static readonly ScopeParts Parts = new()
    {
        Profile = "shop",
        ServerKeys = [Filled(32, 1), Filled(32, 2)],
        Hosts = ["shop.example", "*.shop.example"],
        Alpn = ["h2", "http/1.1"],
        TlsPolicy = "1.2 1.3",
    };

    public static Scope Shop { get; } = Scope.Of(Parts);

    public static Scope Bank { get; } = Scope.Of(Parts with { Profile = "bank" });

    public static SessionRecord Sample { get; } =
        new(new SessionMetadata(Now.AddMinutes(-5), "edge-2", 10, 0x0304), [.. Enumerable.Range(0, 300).Select(i => (byte)(i * i * 13 + i * 5))]);

    /// <summary>Bytes that differ from place to place.</summary>
    public static byte[] Filled(int length, byte seed) => [.. Enumerable.Range(0, length).Select(i => (byte)(seed * 31 + i * 7))];

    /// <summary>Active from an hour ago, sealing for an hour, opening for another.</summary>
    public static Epoch Epoch(long number, byte seed, EpochState state = EpochState.Active) => new(
        number, state, Now.AddHours(-1), Now.AddHours(-1), Now.AddHours(1), Now.AddHours(2), EpochSecret.Import(Filled(32, seed)));

    public static ScopedKeyRing Ring(Scope scope, params Epoch[] epochs) => Ring(scope, PurgeNumbers.None, epochs);

    public static ScopedKeyRing Ring(Scope scope, PurgeNumbers purges, params Epoch[] epochs) =>
        ScopedKeyRing.Derive(new KeyRing(1, epochs, purges), scope, Parts.Profile);
}
