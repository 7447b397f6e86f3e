using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SqueezeBert.Documentation.Tests;

/// <summary>Compiles a block of a page as a program of its own.</summary>
internal static class Snippet
{
    // A block may have nothing but names of namespaces.
    private const string NoStatement = "CS5001";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("xunit.v3.core.dll" or "SqueezeBert.Documentation.Tests.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly SyntaxTree Surroundings = CSharpSyntaxTree.ParseText(SurroundingsText(), Language);

    /// <summary>What the compiler says against it: errors, and the use of what is obsolete.</summary>
    public static IReadOnlyList<string> Compile(string code)
    {
        var compilation = CSharpCompilation.Create("snippet", [CSharpSyntaxTree.ParseText(code, Language), Surroundings], References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(IsFault).Select(diagnostic => diagnostic.ToString())];
    }

    private static bool IsFault(Diagnostic diagnostic) =>
        (diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id != NoStatement) || diagnostic.Id is "CS0612" or "CS0618";

    private static string SurroundingsText()
    {
        using var stream = typeof(Snippet).Assembly.GetManifestResourceStream("Surroundings.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
