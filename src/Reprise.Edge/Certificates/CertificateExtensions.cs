namespace Reprise.Edge.Certificates;

internal static class CertificateExtensions
{
    public static void AddCertificates(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<CertificateMetrics>();
        builder.Services.AddHostedService<CertificateWatch>();
    }
}
