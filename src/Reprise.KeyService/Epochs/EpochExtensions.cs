namespace Reprise.KeyService.Epochs;

internal static class EpochExtensions
{
    public static void AddEpochs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EpochKeeper>();
        builder.Services.AddSingleton<ILedgerStore, MemoryLedgerStore>();
        builder.Services.AddHostedService<LedgerBeginning>();
        builder.Services.AddHostedService<EpochClock>();
    }
}
