using Reprise.KeyProtocol;

namespace Reprise.Edge.Keys;

internal static class KeysExtensions
{
    public static void AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EpochUses>();
        builder.Services.AddSingleton<IEpochUse>(services => services.GetRequiredService<EpochUses>());
        builder.Services.AddSingleton<KeyRingApplier>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KeyRingApplier>());
        builder.Services.AddHostedService<PurgeSweeper>();
    }
}
