using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SqueezeBert.Extensions.Options;

/// <summary>Sets the options of one model from what a configuration section says at the moment.</summary>
internal sealed class ConfigureFromSection(string name, IConfiguration section) : IConfigureNamedOptions<SqueezeBertOptions>
{
    private string Name => name;

    public void Configure(SqueezeBertOptions options) => Configure(Microsoft.Extensions.Options.Options.DefaultName, options);

    public void Configure(string? name, SqueezeBertOptions options)
    {
        if (name != Name) return;
        var values = new ConfigurationValues(section, (section as IConfigurationSection)?.Path ?? "configuration");
        options.ModelPath = values.Text(nameof(options.ModelPath)) ?? options.ModelPath;
        options.ReloadOnChange = values.Flag(nameof(options.ReloadOnChange)) ?? options.ReloadOnChange;
        options.ReloadInterval = values.Duration(nameof(options.ReloadInterval)) ?? options.ReloadInterval;
        if (values.Section(nameof(options.Model)) is { } model) options.Model = Read(model, options.Model);
        if (values.Section(nameof(options.Reading)) is { } reading) options.Reading = Read(reading, options.Reading);
        values.RefuseOthers();
    }

    private static ModelOptions Read(ConfigurationValues values, ModelOptions options)
    {
        options = options with
        {
            Name = values.Text(nameof(options.Name)) ?? options.Name,
            Precision = values.Name<Precision>(nameof(options.Precision)) ?? options.Precision,
            Threads = values.Integer(nameof(options.Threads)) ?? options.Threads,
            BatchTokens = values.Integer(nameof(options.BatchTokens)) ?? options.BatchTokens,
            MaxConcurrency = values.Integer(nameof(options.MaxConcurrency)) ?? options.MaxConcurrency,
            QueueCapacity = values.Integer(nameof(options.QueueCapacity)) ?? options.QueueCapacity,
            QueueFullMode = values.Name<QueueFullMode>(nameof(options.QueueFullMode)) ?? options.QueueFullMode,
            MaxRetainedBytes = values.Long(nameof(options.MaxRetainedBytes)) ?? options.MaxRetainedBytes,
        };
        values.RefuseOthers();
        return options;
    }

    private static ReadingOptions Read(ConfigurationValues values, ReadingOptions options)
    {
        options = options with
        {
            MaxLength = values.Integer(nameof(options.MaxLength)) ?? options.MaxLength,
            MaxCharacters = values.Integer(nameof(options.MaxCharacters)) ?? options.MaxCharacters,
            LongText = values.Name<LongText>(nameof(options.LongText)) ?? options.LongText,
        };
        values.RefuseOthers();
        return options;
    }
}
