using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>
/// A file of results for each processor, a section for each benchmark: a run writes its section anew and leaves the others.
/// </summary>
internal static class ResultsFile
{
    private const string SectionMark = "## ";

    /// <summary>
    /// The file's name for this processor. A virtual machine's processor says little of itself, so that family and model, which tell its
    /// generation, belong to the name on x64.
    /// </summary>
    public static string NameFor(string cpu)
    {
        if (X86Base.IsSupported)
        {
            var version = X86Base.CpuId(1, 0).Eax;
            var family = (version >> 8) & 15;
            var model = (version >> 4) & 15;
            if (family == 15) family += (version >> 20) & 255;
            if (family is 6 or >= 15) model += ((version >> 16) & 15) << 4;
            cpu = string.Create(CultureInfo.InvariantCulture, $"{cpu} family {family} model {model}");
        }

        var name = new StringBuilder();
        foreach (var unit in cpu.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(unit)) name.Append(unit);
            else if (name.Length > 0 && name[^1] != '-') name.Append('-');
        }

        return name.ToString().TrimEnd('-') + ".md";
    }

    /// <summary>The file's text with a section in its place, sections in the order of their names.</summary>
    /// <param name="text">The file so far; empty where there is none.</param>
    /// <param name="cpu">The heading of a new file.</param>
    /// <param name="benchmark">The section.</param>
    /// <param name="output">What the benchmark has printed: the machine, the command, tables.</param>
    public static string WithSection(string text, string cpu, string benchmark, string output)
    {
        var sections = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? name = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(SectionMark, StringComparison.Ordinal)) sections[name = line[SectionMark.Length..].Trim()] = "";
            else if (name is not null) sections[name] += line + "\n";
        }

        sections[benchmark] = "\n" + output.Trim() + "\n";
        var file = new StringBuilder($"# Results on {cpu}\n\nWritten by the benchmarks with `--results`; "
            + "[performance.md](../performance.md) says what each measures.\n");
        foreach (var (section, content) in sections) file.Append($"\n{SectionMark}{section}\n\n{content.Trim()}\n");
        return file.ToString();
    }

    /// <summary>Writes the section of a benchmark into the file of this processor, whole or not at all.</summary>
    public static string Write(string folder, string benchmark, string output)
    {
        Directory.CreateDirectory(folder);
        var cpu = Machine.Cpu();
        var path = Path.Combine(folder, NameFor(cpu));
        var text = WithSection(File.Exists(path) ? File.ReadAllText(path) : "", cpu, benchmark, output);
        var temporary = path + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
        return path;
    }
}
