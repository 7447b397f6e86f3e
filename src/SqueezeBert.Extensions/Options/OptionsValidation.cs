using Microsoft.Extensions.Options;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.Options;

/// <summary>Validates the options of a model before it is loaded, so that a host with a wrong path does not start.</summary>
internal sealed class OptionsValidation(string name) : IValidateOptions<SqueezeBertOptions>
{
    public ValidateOptionsResult Validate(string? name, SqueezeBertOptions options)
    {
        if (name != Name) return ValidateOptionsResult.Skip;
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private string Name => name;

    private IEnumerable<string> Problems(SqueezeBertOptions options)
    {
        var model = Name.Length == 0 ? "" : $" of the model '{Name}'";
        if (options.ReloadInterval <= TimeSpan.Zero || options.ReloadInterval > TimeSpan.FromDays(1))
            yield return $"{nameof(options.ReloadInterval)}{model} is {options.ReloadInterval}; it is more than zero and at most a day";
        if (string.IsNullOrWhiteSpace(options.ModelPath))
            yield return $"{nameof(options.ModelPath)}{model} is not set: name a folder, a .safetensors or an .onnx file";
        else if (PathProblem(options.ModelPath) is { } problem)
            yield return problem;
    }

    /// <summary>
    /// Returns the library's message for a path that does not exist, which names the nearest existing ones. Damaged files are reported by
    /// loading, and not as an error of the options.
    /// </summary>
    private static string? PathProblem(string path)
    {
        if (Directory.Exists(path) || File.Exists(path)) return null;
        try
        {
            ModelFolder.Open(path).Dispose();
            return null;
        }
        catch (Exception e) when (e is SqueezeBertException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
