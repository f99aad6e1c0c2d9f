using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Identity;

namespace Reprise.KeyService.Distribution;

internal static class DistributionExtensions
{
    public static void MapKeyDistribution(this WebApplication app) =>
        app.MapGrpcService<KeyDistributionEndpoint>().WithMetadata(new AllowedRoles(KeyRole.Edge));
}
