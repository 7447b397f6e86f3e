using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using SqueezeBert.Extensions;
using SqueezeBert.Models;
using SqueezeBert.Release.Tests.Platforms;
using SqueezeBert.Server;

namespace SqueezeBert.Browser.Tests;

/// <summary>A server, and a browser that looks at a page of it.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private const int Patience = 60_000;

    private readonly WebApplication _app;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private OpenedPage(WebApplication app, IPlaywright playwright, IBrowser browser, IPage page)
    {
        (_app, _playwright, _browser, Page, Address) = (app, playwright, browser, page, app.Urls.First());
        page.SetDefaultTimeout(Patience);
        page.PageError += (_, error) => Errors.Add(error);
        page.Request += (_, request) => Asked.Add(request.Url);
    }

    public IPage Page { get; }

    public string Address { get; }

    public List<string> Errors { get; } = [];

    public List<string> Asked { get; } = [];

    public static async Task<OpenedPage> StartAsync(Action<SqueezeBertServerOptions>? configure = null, string path = "/")
    {
        var chromium = Emulator.Find("chromium", "chromium-browser", "google-chrome");
        Assert.SkipUnless(chromium is not null, "Chromium is not installed; on Debian, .ci/platforms installs it");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddKeyedSqueezeBert("sentiment", options => options.ModelPath = PretrainedModels.Sentiment);
        builder.Services.AddSqueezeBertServer(configure);
        var app = builder.Build();
        app.MapSqueezeBert();
        await app.StartAsync();
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = chromium, Args = ["--no-sandbox"], Timeout = Patience });
        Assertions.SetDefaultExpectTimeout(Patience);
        var opened = new OpenedPage(app, playwright, browser, await browser.NewPageAsync());
        await opened.Page.GotoAsync(opened.Address + path);
        return opened;
    }

    /// <summary>Fails where axe finds something, or where the page scrolls sideways.</summary>
    public async Task IsAccessibleAsync(string name)
    {
        var found = await Page.RunAxe();
        Assert.True(
            found.Violations.Length == 0,
            string.Join('\n', found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {violation.Nodes[0].Html}")));
        var fits = await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth");
        Assert.True(fits, "it scrolls sideways");
        if (Environment.GetEnvironmentVariable("SQUEEZEBERT_SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _app.DisposeAsync();
    }
}
