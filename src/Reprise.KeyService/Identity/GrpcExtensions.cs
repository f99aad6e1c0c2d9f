using Reprise.KeyService.Admin;
using Reprise.KeyService.Management;

namespace Reprise.KeyService.Identity;

internal static class GrpcExtensions
{
    public static void AddGrpc(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<RoleInterceptor>();
            grpc.Interceptors.Add<FaultInterceptor>();
            // A node may serve thousands of profiles, each with a purge and a switch; each of these is counted and bounded besides.
            grpc.MaxReceiveMessageSize = 2 * 1024 * 1024;
        });
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks().AddCheck<SealingEpochCheck>("sealing_epoch");
    }

    /// <summary>Reflection and grpc.health.v1, so that any gRPC client finds its way.</summary>
    public static void MapGrpcStandards(this WebApplication app)
    {
        app.MapGrpcReflectionService().WithMetadata(AllowedRoles.Any);
        app.MapGrpcHealthChecksService().WithMetadata(AllowedRoles.Any);
    }
}
