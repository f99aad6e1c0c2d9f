using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reprise.Core.Keys;

namespace Reprise.KeyProtocol.Wire;

/// <summary>Key rings to and from the wire.</summary>
/// <remarks>
/// Secrets in messages lie in ordinary memory. Both ways wipe the message's own copy (<see cref="Wipe"/>); what remains
/// beyond reach are the buffers of protobuf, HTTP/2 and TLS, which are reused and overwritten.
/// </remarks>
public static class KeyRingWire
{
    // A ring holds a handful; more is a fault, and comparing all pairs of secrets is quadratic.
    private const int MostEpochs = 256;

    /// <summary>The ring as a message. Call <see cref="Wipe"/> when it has been written.</summary>
    /// <exception cref="ObjectDisposedException">An epoch was destroyed meanwhile: there is a newer ring.</exception>
    public static V1.KeyRing ToWire(KeyRing ring, long knowsFrom)
    {
        var wire = new V1.KeyRing { Generation = ring.Generation, KnowsFromEpoch = knowsFrom };
        try
        {
            foreach (var epoch in ring.Epochs)
                wire.Epochs.Add(ToWire(epoch));
            wire.Purges.Add(ring.Purges.ToWire());
            wire.Switches.Add(ring.Switches.ToWire());
            return wire;
        }
        catch (ObjectDisposedException)
        {
            wire.Wipe();
            throw;
        }
    }

    /// <summary>Parses and wipes a message from a key service; refuses anything that a node could not trust to use.</summary>
    /// <param name="wire">Wiped in any case.</param>
    /// <param name="push">Set on success. Its secrets are the caller's to dispose.</param>
    /// <param name="reason">On failure, why; names epochs, never key bytes.</param>
    public static bool TryParse(V1.KeyRing wire, [NotNullWhen(true)] out KeyRingPush? push, [NotNullWhen(false)] out string? reason)
    {
        push = null;
        var epochs = new List<Epoch>(wire.Epochs.Count);
        try
        {
            reason = ParseEpochs(wire, epochs);
            if (reason is null && PurgeWire.TryParse(wire.Purges, out var purges, out reason) && SwitchWire.TryParse(wire.Switches, out var switches, out reason))
                push = new KeyRingPush(new KeyRing(wire.Generation, epochs, purges, switches), wire.KnowsFromEpoch);
        }
        catch (ArgumentException fault)
        {
            // Numbers or secrets that stand twice.
            reason = fault.Message;
        }
        finally
        {
            wire.Wipe();
            if (push is null)
                epochs.ForEach(epoch => epoch.Secret?.Dispose());
        }

        return reason is null;
    }

    /// <summary>Zeroes the secrets of a message. It is of no use afterwards.</summary>
    public static void Wipe(this V1.KeyRing wire)
    {
        foreach (var epoch in wire.Epochs)
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(epoch.Secret.Memory).Span);
    }

    /// <summary>An epoch's state on the wire.</summary>
    public static V1.EpochState ToWire(this EpochState state) => state switch
    {
        EpochState.Staged => V1.EpochState.Staged,
        EpochState.Active => V1.EpochState.Active,
        EpochState.Retired => V1.EpochState.Retired,
        EpochState.Destroyed => V1.EpochState.Destroyed,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    private static V1.Epoch ToWire(Epoch epoch)
    {
        var wire = new V1.Epoch
        {
            Number = epoch.Number,
            State = epoch.State.ToWire(),
            CreatedAt = epoch.CreatedAt.ToTimestamp(),
            ActivatesAt = epoch.ActivatesAt?.ToTimestamp(),
            SealUntil = epoch.SealUntil?.ToTimestamp(),
            OpenUntil = epoch.OpenUntil?.ToTimestamp(),
        };
        if (epoch.Secret is { } secret)
        {
            var bytes = new byte[EpochSecret.Length];
            secret.CopyTo(bytes);
            // Wrapped, not copied, so that Wipe reaches the only copy.
            wire.Secret = UnsafeByteOperations.UnsafeWrap(bytes);
        }

        return wire;
    }

    private static string? ParseEpochs(V1.KeyRing wire, List<Epoch> epochs)
    {
        if (wire.Generation <= 0)
            return $"generation {wire.Generation} is not positive";
        if (wire.KnowsFromEpoch < 0)
            return $"knows_from_epoch {wire.KnowsFromEpoch} is negative";
        if (wire.Epochs.Count is 0 or > MostEpochs)
            return $"it holds {wire.Epochs.Count} epochs, where 1 to {MostEpochs} are allowed";
        foreach (var epoch in wire.Epochs)
        {
            if (ParseEpoch(epoch, out var parsed) is { } reason)
                return $"epoch {epoch.Number} {reason}";
            epochs.Add(parsed!);
        }

        var active = epochs.Count(epoch => epoch.State is EpochState.Active);
        return active > 1 ? $"{active} epochs are active" : null;
    }

    private static string? ParseEpoch(V1.Epoch wire, out Epoch? epoch)
    {
        epoch = null;
        if (wire.Number <= 0)
            return "has a number that is not positive";
        EpochState? state = wire.State switch
        {
            V1.EpochState.Staged => EpochState.Staged,
            V1.EpochState.Active => EpochState.Active,
            V1.EpochState.Retired => EpochState.Retired,
            V1.EpochState.Destroyed => EpochState.Destroyed,
            _ => null,
        };
        if (state is null)
            return "is in an unknown state";
        if (!TryDate(wire.CreatedAt, out var createdAt) || createdAt is null)
            return "has no valid created_at";
        if (!TryDate(wire.ActivatesAt, out var activatesAt) || !TryDate(wire.SealUntil, out var sealUntil) || !TryDate(wire.OpenUntil, out var openUntil))
            return "has a date that is out of range";
        if (state is EpochState.Destroyed ? !wire.Secret.IsEmpty : openUntil is null)
            return state is EpochState.Destroyed ? "is destroyed and has a secret" : "has no open_until: it would never end";
        if (state is EpochState.Active && (activatesAt is null || sealUntil is null))
            return "is active without activates_at and seal_until";
        if (sealUntil > openUntil)
            return "would seal what it no longer opens";
        if (!TryImport(wire, state.Value, out var secret))
            return "has a weak secret: not 32 bytes, or one byte repeated";
        epoch = new Epoch(wire.Number, state.Value, createdAt.Value, activatesAt, sealUntil, openUntil, secret);
        return null;
    }

    private static bool TryImport(V1.Epoch wire, EpochState state, out EpochSecret? secret)
    {
        secret = null;
        if (state is EpochState.Destroyed)
            return true;
        try
        {
            secret = EpochSecret.Import(wire.Secret.Span);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryDate(Timestamp? wire, out DateTimeOffset? date)
    {
        date = null;
        if (wire is null)
            return true;
        // Timestamp.ToDateTimeOffset throws on what is out of range.
        if (wire.Seconds is < 0 or > 253_402_300_799 || wire.Nanos is < 0 or > 999_999_999)
            return false;
        date = DateTimeOffset.FromUnixTimeSeconds(wire.Seconds).AddTicks(wire.Nanos / TimeSpan.NanosecondsPerTick);
        return true;
    }
}
