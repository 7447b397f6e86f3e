using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace SqueezeBert.Cli.Machine;

/// <summary>
/// ASP.NET Core, which one command needs. If the tool asked for it at its start, all other commands would look for its two hundred files as
/// well, and would not run where it is not installed. It stands beside the runtime that runs, in a folder of its own.
/// </summary>
internal static class WebFramework
{
    private const string Name = "Microsoft.AspNetCore.App", NotReached = "a program that was compiled ahead of time does not get there";

    /// <summary>Makes its assemblies known. They must not have been asked for before.</summary>
    /// <exception cref="NotSupportedException">It is not installed; the message says what is needed.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = NotReached)]
    public static void Find()
    {
        // It is part of a program that was compiled ahead of time, and a process that was started with it has it already.
        if (!RuntimeFeature.IsDynamicCodeSupported) return;
        var known = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        if (known.Contains("Microsoft.AspNetCore.Hosting.dll", StringComparison.Ordinal)) return;
        var folder = Locate() ?? throw new NotSupportedException(
            $"the ASP.NET Core runtime {Environment.Version.ToString(2)} is not installed beside .NET's; install it, or use the container");
        AssemblyLoadContext.Default.Resolving += (context, assembly) =>
        {
            var path = Path.Combine(folder, assembly.Name + ".dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };
    }

    /// <summary>The folder of the newest version that goes with this runtime; null where there is none.</summary>
    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = NotReached)]
    private static string? Locate()
    {
        // …/shared/Microsoft.NETCore.App/10.0.1/System.Private.CoreLib.dll
        var runtime = AppContext.GetData("FX_DEPS_FILE") is string file ? Path.GetDirectoryName(file)
            : Path.GetDirectoryName(typeof(object).Assembly.Location);
        if (string.IsNullOrEmpty(runtime)) return null;
        var root = Path.GetFullPath(Path.Combine(runtime, "..", "..", Name));
        if (!Directory.Exists(root)) return null;
        var wanted = Environment.Version;
        return Directory.EnumerateDirectories(root)
            .Select(path => (Path: path, Version: Version.TryParse(Path.GetFileName(path), out var version) ? version : null))
            .Where(found => found.Version?.Major == wanted.Major && found.Version.Minor == wanted.Minor)
            .OrderByDescending(found => found.Version)
            .Select(found => found.Path)
            .FirstOrDefault();
    }
}
