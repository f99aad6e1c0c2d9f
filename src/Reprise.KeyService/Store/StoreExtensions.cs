using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Store;

internal static class StoreExtensions
{
    /// <summary>The ledger's store: Redis where one is configured, else this process's memory.</summary>
    public static void AddStore(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddOptions<StoreOptions>()
            .Bind(file.Configuration.GetSection(StoreOptions.SectionName))
            .PostConfigure(options => options.Anchor(file.Directory))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        if (!IsShared(file))
        {
            builder.Services.AddSingleton<ILedgerStore, MemoryLedgerStore>();
            builder.Services.AddHostedService<LedgerBeginning>();
            return;
        }

        builder.Services.AddSingleton<KeyEncryptionKeys>();
        builder.Services.AddSingleton<StoreMetrics>();
        builder.Services.AddSingleton<StoreConnection>();
        builder.Services.AddSingleton<RedisLedgerStore>();
        builder.Services.AddSingleton<ILedgerStore>(services => services.GetRequiredService<RedisLedgerStore>());
        builder.Services.AddSingleton<OwnAddress>();
        builder.Services.AddHostedService<LedgerWatch>();
        builder.Services.AddHealthChecks().AddCheck<LedgerStoreCheck>("ledger_store");
    }

    /// <summary>Whether several key services may share a store.</summary>
    public static bool IsShared(SettingsFile file) => file.Configuration[$"{StoreOptions.SectionName}:{nameof(StoreOptions.Redis)}"] is { Length: > 0 };
}
