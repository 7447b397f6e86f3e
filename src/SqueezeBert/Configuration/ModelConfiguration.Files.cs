using SqueezeBert.Configuration;
using SqueezeBert.Files;

namespace SqueezeBert.Checkpoints;

/// <content>Reading and writing of files.</content>
public abstract partial record ModelConfiguration
{
    internal const int MaxBytes = 16 << 20;

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="path">A config.json, or the folder that has one.</param>
    /// <exception cref="InvalidModelFileException">It does not exist, is not valid or of a model type that is not supported.</exception>
    public static ModelConfiguration Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        return Parse(StrictJson.ReadFile(file, MaxBytes), file);
    }

    /// <summary>Parses and checks the bytes of a config.json.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="fileName">Named in errors.</param>
    /// <exception cref="InvalidModelFileException">It is not valid or of a model type that is not supported.</exception>
    public static ModelConfiguration Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        var fields = new ConfigurationFields(StrictJson.ParseObject(utf8, fileName), fileName);
        var configuration = ConfigurationTypes.Create(fields);
        configuration.Validate(fileName);
        return configuration;
    }

    /// <summary>Writes the configuration as transformers reads it. The file is whole or not there.</summary>
    /// <param name="path">A file, or a folder that gets a config.json.</param>
    /// <exception cref="InvalidModelFileException">The values do not fit together.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        Validate(file);
        var json = ToJson();
        AtomicFile.Write(file, stream => StrictJson.Write(stream, json));
    }
}
