using SqueezeBert.Configuration;
using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <content>Reads and writes configuration files.</content>
public abstract partial record ModelConfiguration
{
    internal const int MaxBytes = 16 << 20;

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="path">The path of a config.json, or of the folder that contains it.</param>
    /// <exception cref="InvalidModelFileException">
    /// The file does not exist, is invalid, or has a model type that is not supported.
    /// </exception>
    public static ModelConfiguration Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        return Parse(StrictJson.ReadFile(file, MaxBytes), file);
    }

    /// <summary>Parses and checks the bytes of a config.json.</summary>
    /// <param name="utf8">The content of the file, in UTF-8.</param>
    /// <param name="fileName">The file name that error messages use.</param>
    /// <exception cref="InvalidModelFileException">The content is invalid, or has a model type that is not supported.</exception>
    public static ModelConfiguration Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        var fields = new ConfigurationFields(StrictJson.ParseObject(utf8, fileName), fileName);
        var configuration = ConfigurationTypes.Create(fields);
        configuration.Validate(fileName);
        return configuration;
    }

    /// <summary>
    /// Writes the configuration in the form that transformers reads. The file is replaced as a whole, so it is never left half written.
    /// </summary>
    /// <param name="path">The path of the file, or of a folder in which config.json is written.</param>
    /// <exception cref="InvalidModelFileException">A value is out of range, or the values do not fit together.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        Validate(file);
        var json = ToJson();
        AtomicFile.Write(file, stream => StrictJson.Write(stream, json));
    }
}
