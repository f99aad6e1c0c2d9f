namespace Reprise.KeyService.Epochs;

internal static class EpochExtensions
{
    public static void AddEpochs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EpochKeeper>();
        builder.Services.AddHostedService<EpochClock>();
    }
}
