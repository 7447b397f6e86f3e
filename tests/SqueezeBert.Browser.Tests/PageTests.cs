using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using SqueezeBert.Extensions;
using SqueezeBert.Models;
using SqueezeBert.Release.Tests.Platforms;
using SqueezeBert.Server;

namespace SqueezeBert.Browser.Tests;

/// <summary>The server's page in Chromium, with the model in the box.</summary>
public sealed class PageTests
{
    private const int Patience = 60_000;

    [Fact]
    public async Task ThePageTriesEachTaskWithTheKeyboardAlone()
    {
        await using var opened = await OpenedPage.StartAsync();
        var page = opened.Page;
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("Ready: 1 model.");

        // Tab by tab, as who has no mouse.
        await page.GetByLabel("Text", new() { Exact = true }).FocusAsync();
        await page.Keyboard.TypeAsync("It stopped working after a week.");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#summary")).ToContainTextAsync("tokens, 32 characters read");
        using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);
        var expected = classifier.Classify("It stopped working after a week.");
        var row = page.Locator("#answer tbody tr").First;
        await Assertions.Expect(row.Locator("td").First).ToHaveTextAsync(expected.Label);
        await Assertions.Expect(page.Locator(".tokens li")).ToHaveTextAsync(
            ["[CLS]", "It", "stopped", "working", "after", "a", "week", ".", "[SEP]"]);
        await Assertions.Expect(row.Locator("td").Nth(1)).ToHaveTextAsync(expected.Score.ToString("0.0000", CultureInfo.InvariantCulture));

        await page.GetByLabel("Task").SelectOptionAsync("embed");
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("Loved it.");
        await page.GetByLabel("Others, one per line").FillAsync("It broke.\nI loved it.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Assertions.Expect(page.Locator("#answer tbody tr").First.Locator("td").First).ToHaveTextAsync("I loved it.");

        await page.GetByLabel("Task").SelectOptionAsync("features");
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("<img src=x onerror=alert(1)>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Assertions.Expect(page.Locator("#answer tbody tr").First.Locator("td").First).ToHaveTextAsync("[CLS]");
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Empty(opened.Errors);
        Assert.All(opened.Asked, address => Assert.StartsWith(opened.Address, address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnErrorIsTold()
    {
        await using var opened = await OpenedPage.StartAsync(options => options.MaxCharacters = 10);
        var page = opened.Page;
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("More than ten characters.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Assertions.Expect(page.Locator("#summary")).ToContainTextAsync("413: text has 25 characters; 10 are taken");
    }

    [Fact]
    public async Task AKeyIsAskedFor()
    {
        await using var opened = await OpenedPage.StartAsync(options => options.ApiKeys = ["a-key"]);
        var page = opened.Page;
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("The server wants an API key.");
        await page.Locator("#key").FillAsync("a-key");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("Ready: 1 model.");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    [InlineData(ColorScheme.Light, 320)]
    public async Task AxeFindsNothing(ColorScheme colors, int width)
    {
        await using var opened = await OpenedPage.StartAsync();
        var page = opened.Page;
        await page.EmulateMediaAsync(new() { ColorScheme = colors });
        await page.SetViewportSizeAsync(width, 800);
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("Loved it.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Assertions.Expect(page.Locator("#answer tbody tr")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator(".tokens li")).ToHaveCountAsync(5);
        foreach (var details in await page.Locator("details").AllAsync()) await details.EvaluateAsync("element => element.open = true");
        var found = await page.RunAxe();
        Assert.True(
            found.Violations.Length == 0,
            string.Join('\n', found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {violation.Nodes[0].Html}")));
        var fits = await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth");
        Assert.True(fits, "it scrolls sideways");
        if (Environment.GetEnvironmentVariable("SQUEEZEBERT_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"page-{colors}-{width}.png"), FullPage = true });
    }

    /// <summary>A server, and a browser that looks at its page.</summary>
    private sealed class OpenedPage : IAsyncDisposable
    {
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

        public static async Task<OpenedPage> StartAsync(Action<SqueezeBertServerOptions>? configure = null)
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
            await opened.Page.GotoAsync(opened.Address);
            return opened;
        }

        public async ValueTask DisposeAsync()
        {
            await _browser.DisposeAsync();
            _playwright.Dispose();
            await _app.DisposeAsync();
        }
    }
}
