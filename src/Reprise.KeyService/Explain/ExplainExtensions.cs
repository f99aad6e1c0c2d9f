namespace Reprise.KeyService.Explain;

internal static class ExplainExtensions
{
    public static void AddExplain(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Explainer>();
        builder.Services.AddSingleton<QuestionRate>();
    }
}
