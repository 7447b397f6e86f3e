using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SqueezeBert.Release.Tests;

namespace SqueezeBert.Architecture.Tests;

/// <summary>A type of the sources: where it lies, and what it is called.</summary>
/// <param name="File">Path below src/.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsPublic">Whether users see it.</param>
public sealed record SourceType(string File, string Namespace, string Name, bool IsPublic);

/// <summary>The sources below src/ as the compiler reads them: which file uses which.</summary>
public sealed class SourceTree
{
    private const string GlobalUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private SourceTree(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> uses, IReadOnlyList<SourceType> types)
    {
        Uses = uses;
        Types = types;
    }

    /// <summary>The tree of this repository, read once.</summary>
    public static SourceTree Instance { get; } = Read(Path.Combine(Repository.Root, "src"));

    /// <summary>For each file the files that it uses, each with a name that it uses of them. Paths are below src/, with '/'.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Uses { get; }

    /// <summary>All types that are not inside another.</summary>
    public IReadOnlyList<SourceType> Types { get; }

    /// <summary>
    /// The part of the project that a file belongs to: PROJECT/FOLDER, or PROJECT alone for files beside the project file.
    /// </summary>
    public static string FolderOf(string file)
    {
        var parts = file.Split('/');
        return parts.Length > 2 ? $"{parts[0]}/{parts[1]}" : parts[0];
    }

    private static SourceTree Read(string root)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var trees = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(root, path).Replace('\\', '/')))
            .Where(file => !file.Name.Contains("/obj/", StringComparison.Ordinal) && !file.Name.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file.Path), options, file.Name))
            .ToList();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !IsOurs(Path.GetFileName(path)))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "sources",
            trees.Append(CSharpSyntaxTree.ParseText(GlobalUsings, options, "")),
            references,
            new(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        var types = trees.SelectMany(tree => TypesOf(tree, compilation.GetSemanticModel(tree))).ToList();
        return new SourceTree(trees.ToDictionary(tree => tree.FilePath, tree => UsesOf(tree, compilation.GetSemanticModel(tree))), types);
    }

    private static bool IsOurs(string file) => file.StartsWith("SqueezeBert", StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyDictionary<string, string> UsesOf(SyntaxTree tree, SemanticModel model)
    {
        var uses = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            if (symbol is not (INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol)) continue;
            var target = (symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol).OriginalDefinition;

            // A type in several parts lies where its name alone is the file's.
            var file = target.DeclaringSyntaxReferences.MinBy(part => part.SyntaxTree.FilePath.Length)?.SyntaxTree.FilePath;
            if (string.IsNullOrEmpty(file) || file == tree.FilePath) continue;
            uses.TryAdd(file, (target as INamedTypeSymbol ?? target.ContainingType)?.Name ?? target.Name);
        }

        return uses;
    }

    /// <summary>Where a symbol is declared; a type of several files in the one that has its name.</summary>
    private static string? HomeOf(ISymbol symbol)
    {
        var files = symbol.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath).ToList();
        return files.Find(file => Path.GetFileNameWithoutExtension(file) == symbol.Name) ?? files.FirstOrDefault();
    }

    private static IEnumerable<SourceType> TypesOf(SyntaxTree tree, SemanticModel model) =>
        from declaration in tree.GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>()
        where declaration is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        let symbol = (INamedTypeSymbol)model.GetDeclaredSymbol(declaration)!
        where symbol.ContainingType is null && !symbol.ContainingNamespace.IsGlobalNamespace
        select new SourceType(
            tree.FilePath, symbol.ContainingNamespace.ToDisplayString(), symbol.Name, symbol.DeclaredAccessibility == Accessibility.Public);
}
