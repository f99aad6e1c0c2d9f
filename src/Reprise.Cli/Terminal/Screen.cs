using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Reprise.Cli.Terminal;

/// <summary>Where a command writes. Results go to <see cref="Out"/>, failures to <see cref="Error"/>, one line each.</summary>
internal sealed class Screen
{
    // Tables must not be folded at 80 columns when a script or a CI log reads them.
    private const int WidthWithoutTerminal = 200;

    public Screen(TextWriter output, TextWriter error, bool interactive)
    {
        Out = output;
        Error = error;
        Interactive = interactive;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!interactive)
            Console.Profile.Width = WidthWithoutTerminal;
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Tables, colour and live progress; plain text when the output is not a terminal.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether output goes to a terminal that can redraw.</summary>
    public bool Interactive { get; }

    private bool CanAsk => Interactive && !System.Console.IsInputRedirected;

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // Output for files and pipes, never for HTML: host names and sentences stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static JsonSerializerOptions JsonLine { get; } = new(Json) { WriteIndented = false };

    public static Screen OfProcess() =>
        new(System.Console.Out, System.Console.Error, interactive: !System.Console.IsOutputRedirected);

    /// <summary>Asks before what cannot be undone; null where there is nobody to ask.</summary>
    public bool? Confirm(string question) =>
        CanAsk ? Console.Confirm(question, defaultValue: false) : null;

    /// <summary>Goes on only if the name of what is at stake is typed: for what a hasty "y" must not do.</summary>
    /// <param name="warning">What will happen.</param>
    /// <param name="expected">What has to be typed.</param>
    /// <param name="what">What that is, as <c>the epoch's number</c>.</param>
    /// <param name="not">Said when something else was typed.</param>
    /// <exception cref="CliException">There is nobody to ask, or it was not typed.</exception>
    public void RequireTyped(string warning, string expected, string what, string not)
    {
        if (!CanAsk)
            throw new CliException("there is no terminal to ask on: give --yes");
        Out.WriteLine(warning);
        var typed = Console.Prompt(new TextPrompt<string>($"Type {Markup.Escape(what)} to go on:").AllowEmpty());
        if (typed.Trim() != expected)
            throw new CliException(not, ExitCode.Failed);
    }

    public void WriteJson<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>One of many values that come one by one: a line each.</summary>
    public void WriteJsonLine<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, JsonLine));

    /// <summary>One line on stderr, whatever the message holds.</summary>
    public int Fail(string message, int exitCode)
    {
        Error.WriteLine($"reprise: {Format.Plain(message.ReplaceLineEndings(" "))}");
        return exitCode;
    }
}
