using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;

namespace Reprise.KeyService.Rotation;

internal static class RotationExtensions
{
    public static void AddRotation(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddOptions<RotationOptions>()
            .Bind(file.Configuration.GetSection(RotationOptions.SectionName))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<RotationOptions>, RotationOptionsValidator>();
        builder.Services.AddSingleton<Rotator>();
        builder.Services.AddHostedService<RotationSchedule>();
    }
}
