using Reprise.Core.Keys;
using Reprise.Core.Sessions;

namespace Reprise.Fuzz.Targets;

/// <summary>A scope, an epoch in use and a session of them.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly byte[] Handle = Filled(32, 7);

    public static Scope Scope { get; } = Scope.Of(new ScopeParts { Profile = "shop", ServerKeys = [Filled(32, 1)], Hosts = ["shop.example"], Alpn = ["h2"], TlsPolicy = "1.2 1.3" });

    public static ScopedKeyRing Ring { get; } = ScopedKeyRing.Derive(
        new KeyRing(1, [new Epoch(10, EpochState.Active, Now.AddHours(-1), Now.AddHours(-1), Now.AddHours(1), Now.AddHours(2), EpochSecret.Import(Filled(32, 3)))], PurgeNumbers.None),
        Scope, "shop");

    /// <summary>Without, and with what is long enough to be deflated.</summary>
    public static IReadOnlyList<SessionRecord> Records { get; } =
    [
        new(new SessionMetadata(Now.AddMinutes(-5), "edge-2", 10, 0x0304), Filled(300, 5)),
        new(new SessionMetadata(Now.AddMinutes(-5), "edge-2", 10, 0x0303), [.. Filled(100, 5), .. Handle, .. Scope.Bytes, .. Filled(20, 2)]),
        new(new SessionMetadata(Now.AddMinutes(-5), "edge-1", 10, 0x0303), [.. Enumerable.Repeat(Filled(150, 9), 10).SelectMany(part => part)]),
    ];

    public static byte[] Filled(int length, byte seed) => [.. Enumerable.Range(0, length).Select(i => (byte)(seed * 31 + i * 7 + i * i))];
}
