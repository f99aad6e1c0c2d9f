using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Identity;

namespace Reprise.KeyService.Admin;

internal static class AdminExtensions
{
    public static void MapKeyAdmin(this WebApplication app) =>
        app.MapGrpcService<KeyAdminEndpoint>().WithMetadata(new AllowedRoles(KeyRole.Admin));
}
