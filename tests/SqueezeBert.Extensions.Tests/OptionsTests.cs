using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SqueezeBert.Extensions.Tests;

/// <summary>Options out of a configuration.</summary>
public sealed class OptionsTests
{
    private static readonly Dictionary<string, string?> All = new()
    {
        ["Model:ModelPath"] = "/models/one",
        ["Model:ReloadOnChange"] = "true",
        ["Model:ReloadInterval"] = "00:00:07",
        ["Model:Model:Name"] = "reviews",
        ["Model:Model:Precision"] = "int8",
        ["Model:Model:Threads"] = "3",
        ["Model:Model:BatchTokens"] = "512",
        ["Model:Model:MaxConcurrency"] = "2",
        ["Model:Model:QueueCapacity"] = "1000",
        ["Model:Model:QueueFullMode"] = "reject",
        ["Model:Model:MaxRetainedBytes"] = "5000000000",
        ["Model:Reading:MaxLength"] = "64",
        ["Model:Reading:MaxCharacters"] = "4000",
        ["Model:Reading:LongText"] = "Windows",
    };

    [Fact]
    public void ASectionSetsAllValues()
    {
        var options = Read(All);
        Assert.Equal(("/models/one", true, TimeSpan.FromSeconds(7)), (options.ModelPath, options.ReloadOnChange, options.ReloadInterval));
        Assert.Equal(
            new ModelOptions
            {
                Name = "reviews",
                Precision = Precision.Int8,
                Threads = 3,
                BatchTokens = 512,
                MaxConcurrency = 2,
                QueueCapacity = 1000,
                QueueFullMode = QueueFullMode.Reject,
                MaxRetainedBytes = 5_000_000_000,
            },
            options.Model);
        Assert.Equal(new ReadingOptions { MaxLength = 64, MaxCharacters = 4000, LongText = LongText.Windows }, options.Reading);
    }

    /// <summary>What the library learns later can be configured too.</summary>
    [Fact]
    public void NoValueIsForgotten()
    {
        var options = Read(All);
        AssertSet(options.Model, new ModelOptions());
        AssertSet(options.Reading, new ReadingOptions());

        static void AssertSet<T>(T options, T defaults) => Assert.All(typeof(T).GetProperties(),
            property => Assert.NotEqual(property.GetValue(defaults), property.GetValue(options)));
    }

    [Theory]
    [InlineData("Model:Modl:Threads", "3", "Modl: there is no such setting")]
    [InlineData("Model:Model:Thread", "3", "Model:Model:Thread: there is no such setting; there are BatchTokens")]
    [InlineData("Model:Model:Threads", "three", "Model:Model:Threads: 'three' is not a whole number")]
    [InlineData("Model:Model:Threads", "3000000000", "is not a whole number")]
    [InlineData("Model:Model:Precision", "int4", "'int4' is not one of Auto, Float32, Int8")]
    [InlineData("Model:Model:QueueFullMode", "1", "'1' is not one of Wait, Reject")]
    [InlineData("Model:Model:QueueFullMode", "never", "'never' is not one of Wait, Reject")]
    [InlineData("Model:ReloadOnChange", "maybe", "'maybe' is not true or false")]
    [InlineData("Model:ReloadInterval", "soon", "'soon' is not a duration")]
    public void WrongValuesAreNamed(string key, string value, string message) => Assert.Contains(
        message, Assert.Throws<InvalidOperationException>(() => Read(new(All) { [key] = value })).Message, StringComparison.Ordinal);

    /// <summary>A reload looks at every value, so that a changed one is not taken for the same model.</summary>
    [Fact]
    public void EveryValueTellsOptionsApart()
    {
        Assert.True(new SqueezeBertOptions().HasSameValues(new SqueezeBertOptions()));
        var reading = new ReadingOptions { MaxLength = 3 };
        SqueezeBertOptions[] others =
        [
            new() { ModelPath = "other" },
            new() { Model = new() { Threads = 1 } },
            new() { Reading = reading },
            new() { TextClassifier = new() { Reading = reading } },
            new() { TextReranker = new() { RelevantLabel = "x" } },
            new() { ZeroShotClassifier = new() { HypothesisTemplate = "{}" } },
            new() { QuestionAnswerer = new() { Candidates = 1 } },
            new() { TextEmbedder = new() { Dimensions = 1 } },
            new() { MaskFiller = new() { Top = 1 } },
            new() { TokenClassifier = new() { IgnoredLabels = [] } },
            new() { TokenClassifier = new() { Reading = reading } },
            new() { ChoiceSelector = new() { Reading = reading } },
            new() { FeatureExtractor = new() { Layer = 0 } },
        ];
        Assert.All(others, one => Assert.False(one.HasSameValues(new SqueezeBertOptions())));
        string[] ofTheHost =
        [
            nameof(SqueezeBertOptions.LoadInBackground), nameof(SqueezeBertOptions.ReloadOnChange),
            nameof(SqueezeBertOptions.ReloadInterval),
        ];
        Assert.Equal(others.Length, typeof(SqueezeBertOptions).GetProperties().Length - ofTheHost.Length + 1);
    }

    [Fact]
    public void AnEmptyValueIsNone() => Assert.Null(Read(new(All) { ["Model:Model:Threads"] = "" }).Model.Threads);

    [Fact]
    public void CodeAndConfigurationAddUp()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(All).Build();
        var services = new ServiceCollection()
            .AddSqueezeBert(options => options.Model = new() { Threads = 9, BatchTokens = 9 })
            .AddSqueezeBert(configuration.GetSection("Model"))
            .AddSqueezeBert(options => options.TextClassifier = new() { Reading = new() { MaxLength = 5 } });
        Assert.Single(services, service => service.ServiceType == typeof(HostedModel));
        using var provider = services.BuildServiceProvider();
        var options = new SqueezeBertOptions();
        foreach (var configure in provider.GetServices<IConfigureOptions<SqueezeBertOptions>>()) configure.Configure(options);
        Assert.Equal((3, 512, 5), (options.Model.Threads, options.Model.BatchTokens, options.TextClassifier.Reading.MaxLength));
    }

    [Fact]
    public void IntervalsAreChecked()
    {
        using var provider = new ServiceCollection()
            .AddSqueezeBert(options => (options.ModelPath, options.ReloadInterval) = ("nowhere", TimeSpan.Zero)).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IOptionsMonitor<SqueezeBertOptions>>().CurrentValue);
        Assert.Equal(2, error.Failures.Count());
    }

    private static SqueezeBertOptions Read(Dictionary<string, string?> values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        using var provider = new ServiceCollection().AddSqueezeBert(configuration.GetSection("Model")).BuildServiceProvider();
        var options = new SqueezeBertOptions();
        foreach (var configure in provider.GetServices<IConfigureOptions<SqueezeBertOptions>>()) configure.Configure(options);
        return options;
    }
}
