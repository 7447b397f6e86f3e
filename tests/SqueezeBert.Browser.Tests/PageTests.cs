using System.Globalization;
using Microsoft.Playwright;
using SqueezeBert.Models;

namespace SqueezeBert.Browser.Tests;

/// <summary>The server's page in Chromium, with the model in the box.</summary>
public sealed class PageTests
{
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

    /// <summary>The first model can be tried while another one loads, and that is added when it is there.</summary>
    [Fact]
    public async Task AModelThatIsStillLoadingIsAddedLater()
    {
        await using var opened = await OpenedPage.StartAsync(path: "/docs");
        var page = opened.Page;
        var isThere = false;
        await page.RouteAsync("**/v1/models", route => route.FulfillAsync(
            new() { ContentType = "application/json", Body = """{"data": [{"id": "sentiment"}, {"id": "later"}]}""" }));
        await page.RouteAsync("**/models/later/info", route => route.FulfillAsync(new()
        {
            Status = isThere ? 200 : 503,
            ContentType = "application/json",
            Body = """{"heads": []}""",
        }));
        await page.GotoAsync(opened.Address);
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("Ready: 1 model, 1 still loading.");
        var text = page.GetByLabel("Text", new() { Exact = true });
        await text.FillAsync("Loved it.");
        isThere = true;
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("Ready: 2 models.");
        await Assertions.Expect(text).ToBeFocusedAsync();
        await Assertions.Expect(text).ToHaveValueAsync("Loved it.");
        await Assertions.Expect(page.Locator("#model option")).ToHaveTextAsync(["sentiment", "later"]);
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
        await opened.IsAccessibleAsync($"page-{colors}-{width}");
    }
}
