using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Audit;

internal static class AuditExtensions
{
    public static void AddAudit(this WebApplicationBuilder builder, SettingsFile file)
    {
        if (StoreExtensions.IsShared(file))
            builder.Services.AddSingleton<IAuditStore, RedisAuditStore>();
        else
            builder.Services.AddSingleton<IAuditStore, MemoryAuditStore>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditTrail>());
    }
}
