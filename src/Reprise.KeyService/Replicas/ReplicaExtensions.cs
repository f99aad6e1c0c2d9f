using Grpc.AspNetCore.Server;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Replicas;

internal static class ReplicaExtensions
{
    /// <summary>What a key service does that is not alone: shares what it knows of nodes, and passes on what another must do.</summary>
    public static void AddReplicas(this WebApplicationBuilder builder, SettingsFile file)
    {
        if (!StoreExtensions.IsShared(file))
            return;
        builder.Services.AddHostedService<NodeSharing>();
        builder.Services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<LeaderInterceptor>());
    }
}
