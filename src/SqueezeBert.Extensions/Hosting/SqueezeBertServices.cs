using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SqueezeBert.Extensions.Hosting;
using SqueezeBert.Extensions.Options;

namespace SqueezeBert.Extensions;

/// <summary>
/// Adds a model to a host. The services are a <see cref="HostedModel"/>, its pipelines (<see cref="TextClassifier"/>,
/// <see cref="TextEmbedder"/> and the others) and a <see cref="ReloadablePipeline{TPipeline}"/> for each. All of them are singletons that
/// share one copy of the weights. A pipeline is created when it is first requested, and throws an exception then if the model does not fit
/// it. The host does not start without the model. When the host stops, running calls complete.
/// </summary>
public static class SqueezeBertServices
{
    /// <summary>Adds the model that a configuration section describes.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="section">
    /// The section, for example <c>builder.Configuration.GetSection("SqueezeBert")</c>. Its names are those of
    /// <see cref="SqueezeBertOptions"/>. An unknown name is an error.
    /// </param>
    public static IServiceCollection AddSqueezeBert(this IServiceCollection services, IConfiguration section) =>
        Add(services, Microsoft.Extensions.Options.Options.DefaultName, section);

    /// <summary>Adds a model with options that are set in code.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options, at least <see cref="SqueezeBertOptions.ModelPath"/>.</param>
    public static IServiceCollection AddSqueezeBert(this IServiceCollection services, Action<SqueezeBertOptions> configure) =>
        Add(services, Microsoft.Extensions.Options.Options.DefaultName, configure);

    /// <summary>Adds the model in a folder or file, with default options.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="modelPath">The path of a model folder, a .safetensors file or an .onnx file.</param>
    public static IServiceCollection AddSqueezeBert(this IServiceCollection services, string modelPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        return services.AddSqueezeBert(options => options.ModelPath = modelPath);
    }

    /// <summary>Adds one of several models that a configuration section describes. Its services have a key.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The key of the services, and the name of the options.</param>
    /// <param name="section">The configuration section of this model.</param>
    public static IServiceCollection AddKeyedSqueezeBert(this IServiceCollection services, string key, IConfiguration section)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Add(services, key, section);
    }

    /// <summary>Adds one of several models with options that are set in code. Its services have a key.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The key of the services, and the name of the options.</param>
    /// <param name="configure">Sets the options, at least <see cref="SqueezeBertOptions.ModelPath"/>.</param>
    public static IServiceCollection AddKeyedSqueezeBert(
        this IServiceCollection services, string key, Action<SqueezeBertOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Add(services, key, configure);
    }

    private static IServiceCollection Add(IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.AddSingleton<IConfigureOptions<SqueezeBertOptions>>(new ConfigureFromSection(name, section));
        return AddModel(services, name);
    }

    private static IServiceCollection Add(IServiceCollection services, string name, Action<SqueezeBertOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(name, configure);
        return AddModel(services, name);
    }

    private static IServiceCollection AddModel(IServiceCollection services, string name)
    {
        // A second call for the same model only adds to its options.
        object? key = name.Length == 0 ? null : name;
        if (services.Any(service => service.ServiceType == typeof(HostedModel) && Equals(service.ServiceKey, key))) return services;
        services.AddOptions<SqueezeBertOptions>(name).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SqueezeBertOptions>>(new OptionsValidation(name));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LoadOrder>();
        AddSingleton(services, key, provider => new HostedModel(
            name, provider.GetRequiredService<IOptionsFactory<SqueezeBertOptions>>(),
            provider.GetService<ILogger<HostedModel>>() ?? NullLogger<HostedModel>.Instance));
        services.AddSingleton<IHostedService>(
            provider => new ModelService(
                Model(provider, key), provider.GetRequiredService<LoadOrder>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetService<IHostApplicationLifetime>()));
        services.AddSingleton(new ModelKey(key as string));
        AddPipeline<TextClassifier>(services, key);
        AddPipeline<TextReranker>(services, key);
        AddPipeline<ZeroShotClassifier>(services, key);
        AddPipeline<QuestionAnswerer>(services, key);
        AddPipeline<TextEmbedder>(services, key);
        AddPipeline<MaskFiller>(services, key);
        AddPipeline<TokenClassifier>(services, key);
        AddPipeline<ChoiceSelector>(services, key);
        AddPipeline<FeatureExtractor>(services, key);
        return services;
    }

    private static void AddPipeline<TPipeline>(IServiceCollection services, object? key)
        where TPipeline : TextPipeline
    {
        AddSingleton(services, key, provider => Model(provider, key).Pin<TPipeline>());
        AddSingleton(services, key, provider => new ReloadablePipeline<TPipeline>(Model(provider, key)));
    }

    private static HostedModel Model(IServiceProvider provider, object? key) => provider.GetRequiredKeyedService<HostedModel>(key);

    private static void AddSingleton<TService>(IServiceCollection services, object? key, Func<IServiceProvider, TService> create)
        where TService : class
    {
        if (key is null) services.AddSingleton(create);
        else services.AddKeyedSingleton(key, (provider, _) => create(provider));
    }
}
