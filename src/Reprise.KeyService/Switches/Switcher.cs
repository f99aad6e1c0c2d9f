using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;

namespace Reprise.KeyService.Switches;

/// <summary>Sets a profile's two switches for the whole cluster. Published is done: what comes after is the report.</summary>
internal sealed partial class Switcher(EpochKeeper epochs, AcknowledgementWait acknowledgements, TimeProvider time, AuditTrail audit, ILogger<Switcher> logger)
{
    /// <summary>As it is noted under an idempotency key.</summary>
    public static string Operation(string profile, bool? stateful, bool? stateless) => $"switch {profile} {Describe(stateful, stateless)}";

    /// <param name="profile">Its name.</param>
    /// <param name="stateful">Null: as it is.</param>
    /// <param name="stateless">Null: as it is.</param>
    /// <param name="order">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting, not the switching.</param>
    /// <exception cref="InvalidOperationException">Too many profiles have switches.</exception>
    public async Task<SetResumptionResponse> SetAsync(string profile, bool? stateful, bool? stateless, Order order, CancellationToken cancellationToken)
    {
        var published = time.GetTimestamp();
        var again = false;
        var ledger = await epochs.ChangeAsync((ledger, now) =>
        {
            // Once more here: a call that was tried again may have waited behind its first try.
            if (again = ledger.FindCommand(order.By, order.Key) is not null)
                return ledger;
            ledger = ledger.Switch(profile, stateful, stateless, now);
            return ledger.Note(order.ToCommand(Operation(profile, stateful, stateless), ledger.Switches.Of(profile).Number, now), now);
        }, CancellationToken.None);
        if (again)
            return await AgainAsync(profile, cancellationToken);
        var what = Describe(stateful, stateless);
        Log.Switched(logger, profile, what, ledger.Generation, order.By);
        audit.Record(order.By, "set_resumption", profile, AuditResult.Ok, what);
        return await ReportAsync(profile, ledger.Generation, published, cancellationToken);
    }

    /// <summary>How the profile stands after a call that was carried out already.</summary>
    public Task<SetResumptionResponse> AgainAsync(string profile, CancellationToken cancellationToken) =>
        ReportAsync(profile, epochs.Current.Generation, time.GetTimestamp(), cancellationToken);

    private async Task<SetResumptionResponse> ReportAsync(string profile, long generation, long published, CancellationToken cancellationToken) => new()
    {
        Switch = SwitchWire.ToWire(profile, epochs.Current.Switches.Of(profile)),
        Generation = generation,
        Acknowledgements = await acknowledgements.ReportAsync(generation, published, cancellationToken),
    };

    private static string Describe(bool? stateful, bool? stateless) =>
        string.Join(", ", new[] { Describe("stateful", stateful), Describe("stateless", stateless) }.OfType<string>());

    private static string? Describe(string name, bool? on) => on is null ? null : $"{name} {(on.Value ? "on" : "off")}";

    // Event ids 4090-4099.
    private static partial class Log
    {
        [LoggerMessage(4090, LogLevel.Information, "Resumption of {Profile}: {What}, generation {Generation}, for {By}")]
        public static partial void Switched(ILogger logger, string profile, string what, long generation, string by);
    }
}
