/**
 * The style of the HTML report. Every rule applies only to the report's own section. Long values are wrapped, so the
 * report is never wider than its page. Colors have a contrast of at least 4.5 to 1, and print uses the light ones. In a
 * page without a doctype, a table takes its color from the page, unless it's set.
 */
export const STYLE = `
.bedrock-diagnosis{--paper:#fff;--ink:#16191f;--faint:#545b64;--line:#c6cad1;--code:#f2f3f5;--link:#0353a4;--allowed:#11611f;--blocked:#a8071a;--unknown:#704600;box-sizing:border-box;max-width:100%;overflow-x:auto;padding:1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
.bedrock-diagnosis *{box-sizing:border-box}
.bedrock-diagnosis :is(h3,p,li,td,th,pre,code,a){overflow-wrap:anywhere}
.bedrock-diagnosis :is(th,.short,.verdict){overflow-wrap:break-word}
.bedrock-diagnosis h3{margin:1.5rem 0 .5rem;font-size:1.1rem;line-height:1.3}
.bedrock-diagnosis h3:first-of-type{margin-top:0;font-size:1.3rem}
.bedrock-diagnosis table{width:100%;margin:.5rem 0;border-collapse:collapse;color:inherit;font-size:.9rem;line-height:1.5}
.bedrock-diagnosis :is(td,th){padding:.35rem .6rem;border:1px solid var(--line);text-align:left;vertical-align:top}
.bedrock-diagnosis th{font-weight:600}
.bedrock-diagnosis th[scope=row]{width:1%;color:var(--faint)}
.bedrock-diagnosis .short{white-space:nowrap}
.bedrock-diagnosis pre{margin:.5rem 0;padding:.75rem;border:1px solid var(--line);background:var(--code);font-size:.85rem;white-space:pre-wrap}
.bedrock-diagnosis :is(ol,ul){margin:.5rem 0;padding-left:1.5rem}
.bedrock-diagnosis a{color:var(--link)}
.bedrock-diagnosis .verdict{display:inline-block;padding:0 .5em;border:2px solid;border-radius:.3em;font-weight:600}
.bedrock-diagnosis .allowed{color:var(--allowed);border-style:solid}
.bedrock-diagnosis .blocked{color:var(--blocked);border-style:double;border-width:4px}
.bedrock-diagnosis .unknown{color:var(--unknown);border-style:dashed}
@media (prefers-color-scheme:dark){.bedrock-diagnosis{--paper:#16191f;--ink:#e9ebed;--faint:#b1b7bf;--line:#5f6b7a;--code:#22272f;--link:#8ab8ff;--allowed:#7ddc8b;--blocked:#ff9c9c;--unknown:#f2c464}}
@media (max-width:640px){.bedrock-diagnosis{padding:.5rem}.bedrock-diagnosis .short{white-space:normal}}
@media print{.bedrock-diagnosis{--paper:#fff;--ink:#000;--faint:#333;--line:#777;--code:#fff;--link:#000;--allowed:#11611f;--blocked:#a8071a;--unknown:#704600;padding:0;overflow:visible}.bedrock-diagnosis :is(tr,li){break-inside:avoid}.bedrock-diagnosis h3{break-after:avoid}}
`;
