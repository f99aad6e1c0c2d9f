using System.Security.Cryptography;
using System.Text.Json;
using Reprise.Core.Keys;
using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Keys.KeyFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class EpochSecretTests
{
    private static readonly Scope s_scope = Scope.Of(new ScopeParts
    {
        Profile = "shop",
        ServerKeys = [[1]],
        Hosts = [],
        Alpn = [],
        TlsPolicy = "",
    });

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Import_WrongLength_IsRefused(int length) =>
        Assert.Throws<ArgumentException>(() => EpochSecret.Import(RandomNumberGenerator.GetBytes(length)));

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xff)]
    public void Import_OneByteRepeated_IsRefused(byte value) =>
        Assert.Throws<ArgumentException>(() => EpochSecret.Import(Enumerable.Repeat(value, EpochSecret.Length).ToArray()));

    [Fact]
    public void Dispose_LaterUse_ThrowsInsteadOfGivingZeros()
    {
        var epoch = Begin().Active!;
        epoch.Secret!.Dispose();

        Assert.True(epoch.Secret.IsDisposed());
        Assert.Throws<ObjectDisposedException>(() => ScopedKeys.Derive(epoch, s_scope, 0, 0));
        Assert.Throws<ObjectDisposedException>(() => epoch.Secret.FixedTimeEquals(EpochSecret.Create()));
    }

    [Fact]
    public async Task Dispose_WhileOthersRead_NobodyEverSeesZeros()
    {
        var zeros = new byte[EpochSecret.Length];
        for (var round = 0; round < 200; round++)
        {
            var secret = EpochSecret.Create();
            using var start = new Barrier(3);
            var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                var bytes = new byte[EpochSecret.Length];
                start.SignalAndWait();
                while (true)
                {
                    try
                    {
                        secret.CopyTo(bytes);
                    }
                    catch (ObjectDisposedException)
                    {
                        return true;
                    }

                    if (bytes.AsSpan().SequenceEqual(zeros))
                        return false;
                }
            })).ToList();
            start.SignalAndWait();
            secret.Dispose();

            Assert.All(await Task.WhenAll(readers), Assert.True);
        }
    }

    [Fact]
    public void Printing_AnyKeyType_ShowsNoByte()
    {
        var ledger = Begin();
        var epoch = ledger.Active!;
        using var keys = ScopedKeys.Derive(epoch, s_scope, 0, 0);
        using var scoped = ScopedKeyRing.Derive(ledger.ToRing(), s_scope, "shop");
        var secrets = new[] { epoch.Secret!.Bytes(), keys.TicketCipherKey.ToArray(), keys.TicketMacKey.ToArray(), new byte[ScopedKeys.KeyLength] };
        Assert.True(keys.TryCopySessionKey(secrets[3]));
        // As logs, debuggers and dumps would: by ToString, as JSON, and in what is thrown where keys are handled wrongly.
        var printed = string.Join(
            '\n', epoch, epoch.Secret, keys, scoped, ledger, ledger.ToRing(), $"{epoch.Secret:X}",
            JsonSerializer.Serialize(epoch), JsonSerializer.Serialize(ledger), JsonSerializer.Serialize(ledger.ToRing()),
            Thrown(() => EpochSecret.Import(secrets[0].AsSpan(1))),
            Thrown(() => new KeyRing(1, [epoch, epoch with { Number = 7 }])),
            Thrown(() => ledger.Stage(Start).Stage(Start)),
            Thrown(() => ledger.Revoke(7, Start)),
            Thrown(() => EpochLedger.Restore(1, 1, [epoch, epoch with { Number = 7, Secret = EpochSecret.Create() }], PurgeNumbers.None, ResumptionSwitches.None, [], [], false)));

        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(Convert.ToHexString(secret.AsSpan(0, 4)), printed, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret)[..6], printed, StringComparison.Ordinal);
            Assert.DoesNotContain(string.Join(',', secret[..4]), printed, StringComparison.Ordinal);
        }

        static string Thrown(Func<object> act) => Record.Exception(act)!.ToString();
    }
}
