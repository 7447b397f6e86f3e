using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SqueezeBert.Extensions;
using SqueezeBert.Extensions.Tests;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>A server in this process on a free port, with tiny models of the reference.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly List<ClassifierFolder> _folders;
    private readonly List<Action> _repairs = [];

    private RunningServer(WebApplication app, LogRecorder log, List<ClassifierFolder> folders)
    {
        (App, Log, _folders) = (app, log, folders);
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public WebApplication App { get; }

    public LogRecorder Log { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static Task<RunningServer> StartAsync(params (string Name, string Model)[] models) => StartAsync(null, models);

    public static async Task<RunningServer> StartAsync(
        Action<SqueezeBertServerOptions>? configure, (string Name, string Model)[] models, Action<SqueezeBertOptions>? model = null,
        Action<IServiceCollection>? services = null)
    {
        var log = new LogRecorder();
        var folders = new List<ClassifierFolder>();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        foreach (var (name, kind) in models)
        {
            var folder = new ClassifierFolder(kind);
            folders.Add(folder);
            builder.Services.AddKeyedSqueezeBert(name, options =>
            {
                options.ModelPath = folder.Path;
                model?.Invoke(options);
            });
        }

        builder.Services.AddSqueezeBertServer(configure);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapSqueezeBert();
        await app.StartAsync();
        return new RunningServer(app, log, folders);
    }

    /// <summary>The folder of a model, in their order.</summary>
    public string Folder(int model) => _folders[model].Path;

    /// <summary>
    /// Takes from a pipeline of the host what it computes with, so that it throws at every text from then on: no input can make it do so.
    /// </summary>
    public void Break(string model, Type pipeline)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.NonPublic;
        var hosted = App.Services.GetRequiredKeyedService<HostedModel>(model);
        var inner = typeof(TextPipeline).GetField("_model", Own)!.GetValue(hosted.Loaded!.Pipeline(pipeline))!;
        var sessions = inner.GetType().GetField("<Sessions>k__BackingField", Own)!;
        var there = sessions.GetValue(inner);
        sessions.SetValue(inner, null);
        _repairs.Add(() => sessions.SetValue(inner, there));
    }

    public T Service<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public Task<Reply> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    public async Task<Reply> PostAsync(string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    public async Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var repair in _repairs) repair();
        await App.DisposeAsync();
        foreach (var folder in _folders) folder.Dispose();
    }
}

/// <summary>A response.</summary>
internal sealed record Reply(int Status, string Body, string? Type, Dictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public static async Task<Reply> OfAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType,
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));

    /// <summary>Fails unless the status is this one; the body as JSON.</summary>
    public JsonNode Is(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Body}");
        return Json;
    }

    /// <summary>Fails unless it is an error of text-embeddings-inference.</summary>
    public string IsTei(int status, string type)
    {
        var json = Is(status);
        Assert.Equal("application/json", Type);
        Assert.Equal(["error", "error_type"], json.AsObject().Select(member => member.Key));
        Assert.Equal(type, (string)json["error_type"]!);
        return (string)json["error"]!;
    }

    /// <summary>Fails unless it is a problem.</summary>
    public string IsProblem(int status, string code)
    {
        var json = Is(status);
        Assert.Equal("application/problem+json", Type);
        Assert.Equal(status, (int)json["status"]!);
        Assert.Equal(code, (string)json["code"]!);
        return (string)json["detail"]!;
    }
}
