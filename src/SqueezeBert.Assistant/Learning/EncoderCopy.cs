using System.Text.RegularExpressions;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Conversion;

namespace SqueezeBert.Assistant.Learning;

/// <summary>A copy of the encoder that a training starts from, which compares questions.</summary>
internal static partial class EncoderCopy
{
    /// <summary>Copies what an encoder needs, as it is where its weights are safetensors, else converted to it.</summary>
    /// <param name="from">The encoder's folder.</param>
    /// <param name="to">The folder of the copy.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the files.</param>
    public static void Write(string from, string to, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(from, "model.safetensors")) || !File.Exists(Path.Combine(from, ModelConfiguration.FileName)))
        {
            ModelConversion.Convert(from, to, new ConversionOptions { IsBareEncoder = true }, cancellationToken);
            return;
        }

        Copy(from, to, cancellationToken);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            var name = Path.GetFileName(folder);
            if (ModuleFolder().IsMatch(name)) Copy(folder, Path.Combine(to, name), cancellationToken);
        }
    }

    private static void Copy(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Path.GetExtension(file) is ".json" or ".txt" or ".safetensors" && !IsAssistants(Path.GetFileName(file)))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static bool IsAssistants(string name) => name.StartsWith("assistant.", StringComparison.Ordinal);

    [GeneratedRegex(@"^\d_[A-Za-z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ModuleFolder();
}
